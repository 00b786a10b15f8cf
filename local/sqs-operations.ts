import { z } from 'zod';
import type { Access } from './access-policy.ts';
import { ACCOUNT_ID, REGION } from './physical-names.ts';

/** Batches need the permission of the single operation. */
const ACTIONS: Readonly<Record<string, string>> = {
  SendMessageBatch: 'SendMessage',
  DeleteMessageBatch: 'DeleteMessage',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
};
const parameters = z.object({ QueueUrl: z.string().optional(), QueueName: z.string().optional() });

export function sqsAccess(operation: string, body: unknown): Access {
  const { QueueUrl, QueueName } = parameters.parse(body);
  const name = QueueUrl?.split('/').at(-1) ?? QueueName ?? '*';
  return {
    action: `sqs:${ACTIONS[operation] ?? operation}`,
    resource: `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:${name}`,
  };
}
