import type { HeldEvent } from '#contracts/held-events';
import { isConfigured } from '#platform/datasources/datasources';
import type { IngestResult, Target } from './arrival.ts';
import type { IngestDeps } from './ingest-deps.ts';

/** Winnow's own buckets are not asked about: what is amiss with them is no matter of the dataset. */
export async function isDatasourceShut({ dataset, input }: Target, deps: IngestDeps): Promise<boolean> {
  if (!isConfigured(input) && !isConfigured(await deps.images.where(dataset, 'LIGHTLY'))) return false;
  return deps.datasourceWatch.isShut(dataset.id);
}

/** The event waits, as one for this dataset alone, until it is sent to ingest again. */
export async function holdEvent(
  { dataset, fileName, event }: Target,
  reason: HeldEvent['reason'],
  { heldEvents, now }: IngestDeps,
): Promise<IngestResult> {
  const datasetId = dataset.id;
  await heldEvents.hold({ datasetId, fileName, event: { ...event, datasetId }, reason, heldAt: now() });
  return { outcome: 'EventsHeld' };
}
