import pMap from 'p-map';
import { ingestRequestOf } from '#contracts/object-event';
import type { Target } from './arrival.ts';
import type { IngestDeps } from './ingest-deps.ts';

/** Notes under way at a time. */
const CONCURRENT_NOTES = 10;

/**
 * Each dataset gets the event in a message of its own, which takes and fails by itself. Anybody may name any bucket as the
 * datasource of any number of datasets.
 */
export async function passOnEvent(targets: readonly Target[], deps: IngestDeps): Promise<void> {
  // What names its dataset says no more that its bucket sends events.
  await pMap(targets, ({ dataset, input }) => deps.datasourceWatch.noteEvent(dataset.id, input.place), {
    concurrency: CONCURRENT_NOTES,
  });
  await deps.ingestQueue.sendAll(
    targets.map(({ dataset, event }) => ingestRequestOf({ ...event, datasetId: dataset.id })),
  );
}
