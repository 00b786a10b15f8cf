import { ChangeMessageVisibilityCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { LONGEST_DELAY_SECONDS } from '#contracts/stages';

/** Has SQS deliver a failed message again after so many seconds. */
export type Redeliver = (record: SQSRecord, delaySeconds: number) => Promise<void>;

const FIRST_DELAY_SECONDS = 30;

/**
 * Seconds until the next try after `receiveCount` tries: 30, then twice as long each time, 15 minutes at most. Without
 * it a message would wait for the rest of its visibility timeout, which for a stage of 15 minutes is 90.
 */
export const redeliveryDelay = (receiveCount: number): number =>
  Math.min(FIRST_DELAY_SECONDS * 2 ** (receiveCount - 1), LONGEST_DELAY_SECONDS);

/** Redelivery by SQS itself. The queue is told from the record, so a stage need not know its own queue. */
export function redeliverBySqs(
  client: SQSClient = new SQSClient({ useQueueUrlAsEndpoint: false }),
): Redeliver {
  return async ({ eventSourceARN, receiptHandle }, delaySeconds) => {
    const [region, account, name] = eventSourceARN.split(':').slice(3);
    await client.send(
      new ChangeMessageVisibilityCommand({
        // Names the queue; where the request goes to is the client's business.
        QueueUrl: `https://sqs.${region}.amazonaws.com/${account}/${name}`,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: delaySeconds,
      }),
    );
  };
}
