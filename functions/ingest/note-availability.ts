import type { RawSample } from '#contracts/items';
import { availabilityOf } from '#platform/samples/sample-availability';
import type { IngestDeps } from './ingest-deps.ts';

/**
 * Tells the sample of the same name, if there is one, whether it still has its image. Of a state that was there already, too:
 * an observation that has led to it is not older than it, and the process may have died before it told.
 */
export async function noteAvailability(
  state: RawSample,
  { sampleAvailability }: Pick<IngestDeps, 'sampleAvailability'>,
): Promise<void> {
  await sampleAvailability.markAvailability(state.datasetId, state.fileName, availabilityOf(state));
}
