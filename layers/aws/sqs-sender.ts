import { randomUUID } from 'node:crypto';
import {
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import type { ZodType } from 'zod';
import { InvalidInputError } from '#contracts/errors';
import { parseWith } from '#contracts/schema';
import { LONGEST_DELAY_SECONDS } from '#contracts/stages';
import type { BatchSender, CountMessages } from '#platform/queues';
import { newSqsClient } from './clients.ts';
import { askService } from './service-errors.ts';
import { untilAllProcessed } from './unprocessed.ts';

/** What one request takes, in number and in bytes; 1 MiB is the limit of SQS, and ids take some of it. */
const MESSAGES_PER_BATCH = 10;
const MOST_BATCH_BYTES = 1_000_000;
/** Batches under way at a time. */
const CONCURRENT_BATCHES = 4;

/**
 * Sends messages of one kind to one queue, as JSON.
 *
 * `send` throws InvalidInputError for a message that its schema refuses and for a delay that is not a whole number of
 * seconds from 0 to 900, and RetryableError for what may succeed later.
 */
export function messageSender<T>(
  queueUrl: string,
  schema: ZodType<T>,
  client: SQSClient = newSqsClient(),
): BatchSender<T> {
  const bodyOf = (message: T) => JSON.stringify(parseWith(schema, message, 'Message'));
  return {
    send: async (message, { delaySeconds = 0 } = {}) => {
      const body = bodyOf(message);
      if (!Number.isInteger(delaySeconds) || delaySeconds < 0 || delaySeconds > LONGEST_DELAY_SECONDS) {
        throw new InvalidInputError(
          `Expected a whole number from 0 to ${LONGEST_DELAY_SECONDS} for delaySeconds but received ${delaySeconds}.`,
        );
      }
      const request = new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: body,
        // A queue may have a delay of its own; 0 would override it.
        ...(delaySeconds > 0 && { DelaySeconds: delaySeconds }),
      });
      await askService({ operation: 'SendMessage', resource: queueUrl }, () => client.send(request));
    },
    sendAll: async (messages) => {
      const batches = inBatches(messages.map(bodyOf));
      await pMap(batches, (batch) => sendBatch(client, queueUrl, batch), { concurrency: CONCURRENT_BATCHES });
    },
  };
}

function inBatches(bodies: readonly string[]): string[][] {
  const batches: string[][] = [];
  let bytes = 0;
  for (const body of bodies) {
    const size = Buffer.byteLength(body);
    const last = batches.at(-1);
    if (last && last.length < MESSAGES_PER_BATCH && bytes + size <= MOST_BATCH_BYTES) last.push(body);
    else batches.push([body]);
    bytes = batches.at(-1)?.length === 1 ? size : bytes + size;
  }
  return batches;
}

/** SQS takes some of a batch and refuses others; those are sent again. */
function sendBatch(client: SQSClient, queueUrl: string, bodies: readonly string[]): Promise<void> {
  return untilAllProcessed(bodies, async (batch) => {
    const entries = batch.map((MessageBody) => ({ Id: randomUUID(), MessageBody }));
    const request = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries });
    const { Failed = [] } = await askService({ operation: 'SendMessageBatch', resource: queueUrl }, () =>
      client.send(request),
    );
    const failed = new Set(Failed.map(({ Id }) => Id));
    return entries.filter(({ Id }) => failed.has(Id)).map(({ MessageBody }) => MessageBody);
  });
}

/** Counts what waits on a queue, what is put off and what is being worked on. */
export const messageCount =
  (queueUrl: string, client: SQSClient = newSqsClient()): CountMessages =>
  async () => {
    const request = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...COUNTS] });
    const { Attributes = {} } = await askService(
      { operation: 'GetQueueAttributes', resource: queueUrl },
      () => client.send(request),
    );
    return COUNTS.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
  };
const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateNumberOfMessagesNotVisible',
] as const;
