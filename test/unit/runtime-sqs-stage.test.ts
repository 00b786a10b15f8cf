import { beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { InProgressError, InvalidInputError, RetryableError } from '#contracts/errors';
import { parseJsonWith } from '#contracts/schema';
import { type Redeliver, redeliveryDelay } from '#runtime/redelivery';
import { type BatchWork, type Consume, sqsBatchStage, sqsStage } from '#runtime/sqs-stage';
import { captureOutput, publishedMetric } from '../support/captured-output.ts';
import { lambdaContext, sqsEvent } from '../support/lambda-invocation.ts';

const secret = 'token-that-nobody-may-read';

/** Bodies say what shall happen. */
const consume: Consume = async (body) => {
  const { outcome } = parseJsonWith(z.strictObject({ outcome: z.string() }), body, 'Message');
  if (outcome === 'busy') throw new RetryableError('THROTTLED', 'The table is busy.');
  if (outcome === 'bug') throw new TypeError('undefined is not a function');
};
const ok = '{"outcome":"ok"}';
const busy = '{"outcome":"busy"}';
const bug = '{"outcome":"bug"}';
const poison = `not JSON, ${secret}`;

let redeliveries: [string, number][] = [];
const redeliver: Redeliver = async ({ messageId }, seconds) => void redeliveries.push([messageId, seconds]);
beforeEach(() => {
  redeliveries = [];
});

const invoke = (bodies: string[], work: Consume = consume, remainingTimeMs?: number) =>
  captureOutput(() =>
    sqsStage('export', work, { redeliver })(sqsEvent(bodies), lambdaContext(remainingTimeMs)),
  );

describe('sqsStage', () => {
  test.each([
    [
      'all ok',
      [ok, ok, ok],
      [],
      { MessagesSucceeded: [1, 1, 1], MessagesFailed: [0, 0, 0], MessagesPoison: [0, 0, 0] },
    ],
    [
      'some fail',
      [ok, busy, ok, bug],
      ['message-1', 'message-3'],
      { MessagesSucceeded: [1, 0, 1, 0], MessagesFailed: [0, 1, 0, 1], MessagesPoison: [0, 0, 0, 0] },
    ],
    [
      'all fail',
      [busy, busy],
      ['message-0', 'message-1'],
      { MessagesSucceeded: [0, 0], MessagesFailed: [1, 1], MessagesPoison: [0, 0] },
    ],
    [
      'poison',
      [poison, ok],
      ['message-0'],
      { MessagesSucceeded: [0, 1], MessagesFailed: [0, 0], MessagesPoison: [1, 0] },
    ],
  ])(
    '%s: only what failed is delivered again, and every outcome is counted',
    async (_name, bodies, failed, metrics) => {
      const { result, entries } = await invoke(bodies);
      expect(result).toEqual({ batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) });
      for (const [name, values] of Object.entries(metrics)) {
        expect(publishedMetric(entries, name)).toEqual({ values, dimensions: [['stage=export']] });
      }
    },
  );

  test('the log tells poison, retryable and unexpected apart, with the message id', async () => {
    const { entries } = await invoke([poison, busy, bug]);
    const failures = entries.filter((entry) => 'failure' in entry);
    expect(failures).toMatchObject([
      { failure: 'poison', code: 'INVALID_INPUT', messageId: 'message-0', stage: 'export', level: 'ERROR' },
      { failure: 'retryable', code: 'THROTTLED', messageId: 'message-1', level: 'WARN' },
      { failure: 'unexpected', messageId: 'message-2', level: 'ERROR' },
    ]);
  });

  test('what failed comes back after a delay, except where another worker is doing it', async () => {
    const inProgress = async (body: string) => {
      if (body === 'taken') throw new InProgressError('Another worker is at it.');
      throw new RetryableError('THROTTLED', 'The table is busy.');
    };
    const { result } = await invoke(['taken', 'busy'], inProgress);
    expect(result.batchItemFailures).toHaveLength(2);
    expect(redeliveries).toEqual([['message-1', 30]]);
  });

  test('a redelivery that can not be put off is still a redelivery', async () => {
    const broken: Redeliver = async () => {
      throw new Error('no connection');
    };
    const handler = sqsStage('export', consume, { redeliver: broken });
    const { result } = await captureOutput(() => handler(sqsEvent([busy, ok]), lambdaContext()));
    expect(result.batchItemFailures).toEqual([{ itemIdentifier: 'message-0' }]);
  });

  test.each([
    [1, 30],
    [2, 60],
    [4, 240],
    [6, 900],
    [1000, 900],
  ])('after %i deliveries the delay is %i seconds', (receiveCount, seconds) => {
    expect(redeliveryDelay(receiveCount)).toBe(seconds);
  });

  test('nothing of a message body is logged', async () => {
    const { text } = await invoke([poison, ok, JSON.stringify({ outcome: { url: secret } })]);
    expect(text).toContain('poison');
    expect(text).not.toContain(secret.slice(0, 8));
  });

  test('messages are taken one at a time, in order', async () => {
    const steps: string[] = [];
    await invoke(['a', 'b'], async (body) => {
      steps.push(`${body} starts`);
      await new Promise(setImmediate);
      steps.push(`${body} ends`);
    });
    expect(steps).toEqual(['a starts', 'a ends', 'b starts', 'b ends']);
  });

  test('the consumer learns how often the message was delivered and how much time is left', async () => {
    const seen: unknown[] = [];
    await invoke(['a'], async (_body, { remainingTimeMs, ...message }) => {
      seen.push({ ...message, left: remainingTimeMs() });
    });
    expect(seen).toEqual([{ messageId: 'message-0', receiveCount: 1, left: 30_000 }]);
  });

  test('a message that there is no time for is left to the next delivery', async () => {
    const taken: string[] = [];
    const { result } = await invoke(['a', 'b'], async (body) => void taken.push(body), 500);
    expect(taken).toEqual([]);
    expect(result.batchItemFailures).toHaveLength(2);
  });

  test('an invocation leaves nothing behind for the next', async () => {
    const handler = sqsStage('export', consume, { redeliver });
    await captureOutput(() => handler(sqsEvent([busy]), lambdaContext()));
    const { result } = await captureOutput(() => handler(sqsEvent([ok]), lambdaContext()));
    expect(result).toEqual({ batchItemFailures: [] });
  });

  test('poison found deep in a use case is poison too', async () => {
    const { entries } = await invoke(['a'], async () => {
      throw new InvalidInputError('The run has no tag.');
    });
    expect(publishedMetric(entries, 'MessagesPoison').values).toEqual([1]);
  });
});

describe('sqsBatchStage', () => {
  const invokeBatch = (bodies: string[], concurrency: number, startBatch: () => BatchWork) =>
    captureOutput(() =>
      sqsBatchStage('export', startBatch, { concurrency, redeliver })(sqsEvent(bodies), lambdaContext()),
    );
  const nothing = async () => {};

  test('takes as many messages at a time as it may, and finishes after the last', async () => {
    let underWay = 0;
    let most = 0;
    const steps: string[] = [];
    await invokeBatch([ok, ok, ok, ok, ok], 2, () => ({
      consume: async () => {
        most = Math.max(most, ++underWay);
        await new Promise(setImmediate);
        underWay--;
        steps.push('consumed');
      },
      finish: async () => void steps.push('finished'),
    }));
    expect(most).toBe(2);
    expect(steps).toEqual([...Array(5).fill('consumed'), 'finished']);
  });

  test('finishes for the messages that succeeded where others failed', async () => {
    let finished = 0;
    const finish = async () => void finished++;
    const { result } = await invokeBatch([ok, busy], 2, () => ({ consume, finish }));
    expect(result.batchItemFailures).toEqual([{ itemIdentifier: 'message-1' }]);
    expect(finished).toBe(1);
  });

  test('gets every message again where it can not finish', async () => {
    const finish = async () => {
      throw new RetryableError('THROTTLED', 'The table is busy.');
    };
    const { result, entries } = await invokeBatch([ok, ok], 2, () => ({ consume: nothing, finish }));
    expect(result.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual([
      'message-0',
      'message-1',
    ]);
    expect(entries).toContainEqual(expect.objectContaining({ failure: 'retryable', code: 'THROTTLED' }));
  });
});
