import type { RawSample } from '#contracts/items';
import type { Sample } from '#contracts/samples';
import { allFacts } from '#platform/snapshots/fact-snapshot';
import { inOneMatrix } from '#platform/snapshots/one-matrix';
import { type Attempt, stopIfCanceled } from './attempt.ts';
import type { RunDeps } from './run-deps.ts';

/**
 * What a run chooses from, registered until its cutoff: the images that no run has read, or all. By file name, their
 * embeddings in one block of memory.
 */
export async function listCandidates(attempt: Attempt, deps: RunDeps): Promise<readonly RawSample[]> {
  const { dataset, run, readsAll } = attempt;
  const onFallback = (error: unknown): void =>
    deps.telemetry.log('warn', 'The snapshot of facts can not be read', { datasetId: dataset.id, error });
  const stored = readsAll
    ? await allFacts(dataset, { ...deps, onFallback })
    : deps.rawSamples.listPending(dataset.id, run.cutoff);
  const listed: RawSample[] = [];
  for await (const rawSample of stored) {
    stopIfCanceled(attempt);
    if (rawSample.state !== 'deleted' && rawSample.registeredAt <= run.cutoff) listed.push(rawSample);
  }
  return inOneMatrix(listed);
}

/** The samples that the dataset has, by index. */
export async function listSamples(attempt: Attempt, deps: RunDeps): Promise<Sample[]> {
  const { id, sampleCount } = attempt.dataset;
  const samples: Sample[] = [];
  for await (const sample of deps.samples.range(id, 0, sampleCount)) {
    stopIfCanceled(attempt);
    samples.push(sample);
  }
  return samples;
}
