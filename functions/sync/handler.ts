import { RetryableError } from '#contracts/errors';
import { parseJsonWith } from '#contracts/schema';
import { syncMessage } from '#contracts/syncs';
import { sqsStage } from '#runtime/sqs-stage';

export const handler = sqsStage('sync', async (body) => {
  const { work, datasetId } = parseJsonWith(syncMessage, body, 'Sync message');
  throw new RetryableError('NOT_YET', `Nothing carries out '${work}' of dataset '${datasetId}' yet.`);
});
