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
export const MESSAGE_OUTCOMES = ['MessagesSucceeded', 'MessagesFailed', 'MessagesPoison'] as const;

/** A message that is started with less time (ms) than this would take the finished ones of its batch down with it. */
const LEAST_TIME_TO_START_MS = 1_000;

/**
 * The Lambda handler of a stage that consumes a queue. Takes one message at a time. A message whose `consume`
 * throws is reported as failed and no other: SQS delivers it again with growing delay and, after `maxReceiveCount`,
 * parks it in the stage's DLQ. That goes for poison (InvalidInputError) too, so that it can be looked at; the log tells them apart.
 */
export const sqsStage = (stage: QueueStage, consume: Consume, redeliver?: Redeliver): SqsHandler =>
  sqsBatchStage(stage, 1, () => ({ consume, finish: async () => {} }), redeliver);

/**
 * As {@link sqsStage}, for a stage that takes up to `concurrency` messages at a time, so that one waits for a
 * service while another computes, and that has something to do after the last one.
 */
export function sqsBatchStage(
  stage: QueueStage,
  concurrency: number,
  startBatch: () => BatchWork,
  redeliver: Redeliver = redeliverBySqs(),
): SqsHandler {
  const observability = observe(stage);
  return observedHandler<SQSEvent, SQSBatchResponse>(observability, async (event, context) => {
    const { consume, finish } = startBatch();
    const limit = pLimit(concurrency);
    const response = await processPartialResponse(
      event,
      (record: SQSRecord) =>
        limit(() => consumeRecord(record, context, consume, observability)).catch((error: unknown) =>
          postpone(record, error, redeliver, observability),
        ),
      // State of one invocation.
      new BatchProcessor(EventType.SQS),
      // A batch that fails as a whole is answered like any other; an error of the function means a broken function.
      { processInParallel: true, throwOnFullBatchFailure: false },
    );
    try {
      await finish();
    } catch (error) {
      logFailure(observability.logger, error, {});
      return { batchItemFailures: event.Records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    }
    return response;
  });
}

async function consumeRecord(
  { messageId, attributes, body }: SQSRecord,
  context: Context,
  consume: Consume,
  { logger, telemetry }: Observability,
): Promise<void> {
  const receiveCount = Number(attributes.ApproximateReceiveCount);
  const remainingTimeMs = () => context.getRemainingTimeInMillis();
  try {
    if (remainingTimeMs() < LEAST_TIME_TO_START_MS) {
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

/** Puts the next delivery of a failed message off, and throws its error again. */
async function postpone(
  record: SQSRecord,
  error: unknown,
  redeliver: Redeliver,
  { logger }: Observability,
): Promise<never> {
  if (!(error instanceof InProgressError)) {
    const delay = redeliveryDelay(Number(record.attributes.ApproximateReceiveCount));
    await redeliver(record, delay).catch((cause: unknown) => {
      // It comes back all the same, only later.
      logger.warn('Redelivery could not be set', { messageId: record.messageId, error: cause as Error });
    });
  }
  throw error;
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
