import type { ObjectId } from '#contracts/schema';
import type { Telemetry } from '#contracts/telemetry';
import type { DatasetStore } from './datasets.ts';
import { findLivingDataset } from './living-dataset.ts';

/**
 * Does the work of a message, unless its dataset is deleted: then nobody waits for it. What a message makes while its
 * dataset is being deleted goes with the rest.
 */
export async function unlessDeleted<Message extends { readonly datasetId: ObjectId }>(
  message: Message,
  deps: { readonly datasets: Pick<DatasetStore, 'get'>; readonly telemetry: Telemetry },
  work: (message: Message) => Promise<void>,
): Promise<void> {
  if (await findLivingDataset(message.datasetId, deps.datasets)) return work(message);
  deps.telemetry.log('info', 'Message is of a deleted dataset', { datasetId: message.datasetId });
}
