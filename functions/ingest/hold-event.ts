import { isConfigured } from '#platform/datasources/datasources';
import type { IngestResult, Target } from './arrival.ts';
import type { IngestDeps } from './ingest-deps.ts';

/**
 * True where it is of no use to work on an event now. Winnow's own buckets are not asked about: what is amiss with them is no
 * matter of the dataset.
 */
export async function isDatasourceShut(
  { dataset, input, event }: Target,
  deps: IngestDeps,
): Promise<boolean> {
  if (!isConfigured(input) && !isConfigured(await deps.images.where(dataset, 'LIGHTLY'))) return false;
  if (await deps.datasourceWatch.isShut(dataset.id)) return true;
  // What is gone needs no thumbnail.
  return event.kind === 'created' && deps.datasourceWatch.refusesThumbnails(dataset.id);
}

/** The event waits, as one for this dataset alone, until it is sent to ingest again. */
export async function holdEvent(
  { dataset, fileName, event }: Target,
  { heldEvents, datasourceWatch, now }: IngestDeps,
): Promise<IngestResult> {
  const datasetId = dataset.id;
  // Before it is there: whoever finds nothing to be held looks no more until this tells that there may be something.
  await datasourceWatch.noteHeld(datasetId);
  await heldEvents.hold({ datasetId, fileName, event: { ...event, datasetId }, heldAt: now() });
  return { outcome: 'EventsHeld' };
}
