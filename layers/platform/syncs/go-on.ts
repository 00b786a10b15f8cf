import type { Dataset } from '#contracts/items';
import type { SyncMessage } from '#contracts/syncs';
import type { MessageSender } from '../queues.ts';

/**
 * A pause is over, or access is back: events that were held are sent to ingest, and a sync that was interrupted comes to its
 * end. Where none was, a compare finds what came while nobody looked and sent no event. Of a paused dataset nothing goes on
 * before somebody resumes it.
 */
export async function goOn(
  { id: datasetId, pausedAt }: Pick<Dataset, 'id' | 'pausedAt'>,
  { syncQueue }: { readonly syncQueue: MessageSender<SyncMessage> },
): Promise<void> {
  if (pausedAt !== undefined) return;
  await syncQueue.send({ datasetId, work: 'release' });
  await syncQueue.send({ datasetId, work: 'compare' });
}
