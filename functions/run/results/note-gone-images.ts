import pMap from 'p-map';
import type { RunPlan } from '#platform/runs/run-plan-lines';
import { availabilityOf } from '#platform/samples/sample-availability';
import { maintainUnavailableTag } from '#platform/tags/unavailable-tag';
import { rawSamplesOf } from '../raw-samples-of.ts';
import type { RunDeps } from '../run-deps.ts';

/** Each is one small conditional write. */
const CONCURRENT_WRITES = 32;

/**
 * Marks those new samples whose image was deleted or archived while the run was under way: when ingest heard of that, they were no
 * samples yet. Comes after the samples are written, so what is deleted from now on finds them.
 */
export async function noteGoneImages({ header, decisions }: RunPlan, deps: RunDeps): Promise<void> {
  const { datasetId } = header;
  const names = decisions.flatMap(({ outcome, fileName }) => (outcome === 'selected' ? [fileName] : []));
  const found = await rawSamplesOf(datasetId, names, deps);
  const gone = [...found.values()]
    .map((rawSample) => ({ fileName: rawSample.fileName, availability: availabilityOf(rawSample) }))
    .filter(({ availability }) => !availability.isAvailable);
  const mark = ({ fileName, availability }: (typeof gone)[number]) =>
    deps.sampleAvailability.markAvailability(datasetId, fileName, availability);
  await pMap(gone, mark, { concurrency: CONCURRENT_WRITES });
  await maintainUnavailableTag(datasetId, deps);
}
