import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { InvalidInputError, RetryableError } from '#contracts/errors';
import type { QueueStage } from '#contracts/stages';
import { type Observability, observe } from './observability.ts';
import { observedHandler } from './observed-handler.ts';
import { countOutcome } from './outcomes.ts';

export interface ReceivedMessage {
  readonly messageId: string;
  /** 1 on the first delivery. */
  readonly receiveCount: number;
  /** ms until Lambda stops this invocation. */
  readonly remainingTimeMs: () => number;
}

export type Consume = (body: string, message: ReceivedMessage) => Promise<void>;
export type SqsHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** `MessagesPoison` can never succeed and end in the DLQ; `MessagesFailed` may succeed when they are redelivered. */
export const MESSAGE_OUTCOMES = ['MessagesSucceeded', 'MessagesFailed', 'MessagesPoison'] as const;

/** A message that is started with less time (ms) than this would take the finished ones of its batch down with it. */
const LEAST_TIME_TO_START_MS = 1_000;

/**
 * The Lambda handler of a stage that consumes a queue. Takes one message at a time. A message whose `consume`
 * throws is reported as failed and no other: SQS delivers it again and, after `maxReceiveCount`, parks it in the
 * stage's DLQ. That goes for poison (InvalidInputError) too, so that it can be looked at; the log tells them apart.
 */
export function sqsStage(stage: QueueStage, consume: Consume): SqsHandler {
  const observability = observe(stage);
  return observedHandler<SQSEvent, SQSBatchResponse>(observability, (event, context) =>
    processPartialResponse(
      event,
      (record: SQSRecord) => consumeRecord(record, context, consume, observability),
      // State of one invocation.
      new BatchProcessor(EventType.SQS),
      // A batch that fails as a whole is answered like any other; an error of the function means a broken function.
      { processInParallel: false, throwOnFullBatchFailure: false },
    ),
  );
}

async function consumeRecord(
  record: SQSRecord,
  context: Context,
  consume: Consume,
  { logger, telemetry }: Observability,
): Promise<void> {
  const receiveCount = Number(record.attributes.ApproximateReceiveCount);
  const remainingTimeMs = () => context.getRemainingTimeInMillis();
  logger.appendKeys({ messageId: record.messageId, receiveCount });
  try {
    if (remainingTimeMs() < LEAST_TIME_TO_START_MS) {
      throw new RetryableError('OUT_OF_TIME', 'The invocation ends before this message can be taken.');
    }
    await consume(record.body, { messageId: record.messageId, receiveCount, remainingTimeMs });
    countOutcome(telemetry, MESSAGE_OUTCOMES, 'MessagesSucceeded');
  } catch (error) {
    const poison = error instanceof InvalidInputError;
    countOutcome(telemetry, MESSAGE_OUTCOMES, poison ? 'MessagesPoison' : 'MessagesFailed');
    logFailure(logger, error);
    throw error;
  } finally {
    logger.removeKeys(['messageId', 'receiveCount']);
  }
}

function logFailure(logger: Observability['logger'], error: unknown): void {
  if (error instanceof InvalidInputError) {
    // Without the cause: a parser's message quotes the body.
    logger.error('Message is poison', { failure: 'poison', code: error.code, reason: error.message });
  } else if (error instanceof RetryableError) {
    logger.warn('Message failed and will be retried', { failure: 'retryable', code: error.code, error });
  } else {
    logger.error('Message failed unexpectedly and will be retried', { failure: 'unexpected', error });
  }
}
