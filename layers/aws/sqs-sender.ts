import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { ZodType } from 'zod';
import { InvalidInputError } from '#contracts/errors';
import { parseWith } from '#contracts/schema';
import { LONGEST_DELAY_SECONDS } from '#contracts/stages';
import type { MessageSender } from '#platform/queues';
import { newSqsClient } from './clients.ts';
import { askService } from './service-errors.ts';

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
): MessageSender<T> {
  return {
    send: async (message, { delaySeconds = 0 } = {}) => {
      const body = JSON.stringify(parseWith(schema, message, 'Message'));
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
  };
}
