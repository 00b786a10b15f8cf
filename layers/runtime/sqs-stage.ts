import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import pLimit from 'p-limit';
import { InProgressError, InvalidInputError, RetryableError } from '#contracts/errors';
import type { QueueStage } from '#contracts/stages';
import { type Observability, observe } from './observability.ts';
import { observedHandler } from './observed-handler.ts';
import { countOutcome } from './outcomes.ts';
import { type Redeliver, redeliverBySqs, redeliveryDelay } from './redelivery.ts';

export interface ReceivedMessage {
  readonly messageId: string;
  /** 1 on the first delivery. */
  readonly receiveCount: number;
  /** ms until Lambda stops this invocation. */
  readonly remainingTimeMs: () => number;
}

export type Consume = (body: string, message: ReceivedMessage) => Promise<void>;
export type SqsHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** The work of one batch of messages. */
export interface BatchWork {
  readonly consume: Consume;
  /** After the last message; where it throws, every message of the batch is delivered again. */
  readonly finish: () => Promise<void>;
}

/** `MessagesPoison` can never succeed and end in the DLQ; `MessagesFailed` may succeed when they are redelivered. */
const MESSAGE_OUTCOMES = ['MessagesSucceeded', 'MessagesFailed', 'MessagesPoison'] as const;

/** How a stage takes the messages of a batch. */
export interface BatchOptions {
  /** Messages at a time: one waits for a service while another computes. @default 1 */
  readonly concurrency?: number;
  /**
   * A message that is started with less time (ms) than this would take the finished ones of its batch down with it.
   * @default 1,000
   */
  readonly leastTimeMs?: number;
  /** @default by SQS itself */
  readonly redeliver?: Redeliver;
}
const DEFAULT_LEAST_TIME_MS = 1_000;

/**
 * The Lambda handler of a stage that consumes a queue. Takes one message at a time. A message whose `consume`
 * throws is reported as failed and no other: SQS delivers it again with growing delay and, after `maxReceiveCount`,
 * parks it in the stage's DLQ. That goes for poison (InvalidInputError) too, so that it can be looked at; the log tells them apart.
 */
export const sqsStage = (stage: QueueStage, consume: Consume, options?: BatchOptions): SqsHandler =>
  sqsBatchStage(stage, () => ({ consume, finish: async () => {} }), options);

/** As {@link sqsStage}, for a stage that has something to do after the last message of a batch. */
export function sqsBatchStage(
  stage: QueueStage,
  startBatch: () => BatchWork,
  { concurrency = 1, leastTimeMs = DEFAULT_LEAST_TIME_MS, redeliver = redeliverBySqs() }: BatchOptions = {},
): SqsHandler {
  const observability = observe(stage);
  return observedHandler<SQSEvent, SQSBatchResponse>(observability, async (event, context) => {
    const { consume, finish } = startBatch();
    const limit = pLimit(concurrency);
    const take = (record: SQSRecord) =>
      limit(() => consumeRecord(record, context, { consume, leastTimeMs }, observability)).catch(
        async (error: unknown) => {
          await postpone(record, error, redeliver, observability);
          throw error;
        },
      );
    const response = await processPartialResponse(
      event,
      take,
      // State of one invocation.
      new BatchProcessor(EventType.SQS),
      // A batch that fails as a whole is answered like any other; an error of the function means a broken function.
      { processInParallel: true, throwOnFullBatchFailure: false },
    );
    try {
      await finish();
      return response;
    } catch (error) {
      logFailure(observability.logger, error, {});
      await Promise.all(event.Records.map((record) => postpone(record, error, redeliver, observability)));
      return { batchItemFailures: event.Records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    }
  });
}

async function consumeRecord(
  { messageId, attributes, body }: SQSRecord,
  context: Context,
  { consume, leastTimeMs }: { readonly consume: Consume; readonly leastTimeMs: number },
  { logger, telemetry }: Observability,
): Promise<void> {
  const receiveCount = Number(attributes.ApproximateReceiveCount);
  const remainingTimeMs = () => context.getRemainingTimeInMillis();
  try {
    if (remainingTimeMs() < leastTimeMs) {
      throw new RetryableError('OUT_OF_TIME', 'The invocation ends before this message can be taken.');
    }
    await consume(body, { messageId, receiveCount, remainingTimeMs });
    countOutcome(telemetry, MESSAGE_OUTCOMES, 'MessagesSucceeded');
  } catch (error) {
    const poison = error instanceof InvalidInputError;
    countOutcome(telemetry, MESSAGE_OUTCOMES, poison ? 'MessagesPoison' : 'MessagesFailed');
    logFailure(logger, error, { messageId, receiveCount });
    throw error;
  }
}

/** Puts the next delivery of a failed message off. */
async function postpone(
  record: SQSRecord,
  error: unknown,
  redeliver: Redeliver,
  { logger }: Observability,
): Promise<void> {
  if (error instanceof InProgressError) return;
  const delay = redeliveryDelay(Number(record.attributes.ApproximateReceiveCount));
  await redeliver(record, delay).catch((cause: unknown) => {
    // It comes back all the same, only later.
    logger.warn('Redelivery could not be set', { messageId: record.messageId, error: cause as Error });
  });
}

function logFailure(
  logger: Observability['logger'],
  error: unknown,
  ids: { readonly messageId?: string; readonly receiveCount?: number },
): void {
  if (error instanceof InvalidInputError) {
    // Without the cause: a parser's message quotes the body.
    const { code, message: reason } = error;
    logger.error('Message is poison', { ...ids, failure: 'poison', code, reason });
  } else if (error instanceof RetryableError) {
    const { code } = error;
    logger.warn('Message failed and will be retried', { ...ids, failure: 'retryable', code, error });
  } else {
    logger.error('Message failed unexpectedly and will be retried', { ...ids, failure: 'unexpected', error });
  }
}
