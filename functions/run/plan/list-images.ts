import type { RawSample, RegisteredRawSample } from '#contracts/items';
import type { Sample } from '#contracts/samples';
import { allFacts, isRead, settledFacts } from '#platform/snapshots/fact-snapshot';
import { inOneMatrix } from '#platform/snapshots/one-matrix';
import type { ReadImage } from '#worker/near-duplicates/read-image';
import type { RunInput } from '#worker/run-input';
import { type Attempt, stopIfCanceled } from '../attempt.ts';
import type { RunDeps } from '../run-deps.ts';

/**
 * What a run chooses from, registered until its cutoff: the images that no run has read, or all. By file name, their
 * embeddings in one block of memory.
 */
export async function listCandidates(attempt: Attempt, deps: RunDeps): Promise<readonly RawSample[]> {
  const { dataset, run, readsAll } = attempt;
  const stored = readsAll
    ? await allFacts(dataset, { ...deps, onFallback: snapshotWarning(attempt, deps) })
    : deps.rawSamples.listPending(dataset.id, run.cutoff);
  const listed: RawSample[] = [];
  for await (const rawSample of stored) {
    stopIfCanceled(attempt);
    if (isRead(rawSample) && rawSample.registeredAt <= run.cutoff) listed.push(rawSample);
  }
  return inOneMatrix(listed);
}

const snapshotWarning =
  ({ dataset }: Attempt, { telemetry }: RunDeps) =>
  (error: unknown): void =>
    telemetry.log('warn', 'The snapshot of facts can not be read', { datasetId: dataset.id, error });

/**
 * Images that earlier runs have read and not chosen, but for those that this run looks at again; by file name. Nothing
 * where there is no snapshot of facts: to read all of the table would take longer than the run.
 */
export async function listRead(
  attempt: Attempt,
  { candidates, samples }: Pick<RunInput, 'candidates' | 'samples'>,
  deps: RunDeps,
): Promise<readonly ReadImage[] | undefined> {
  const { dataset, readsAll, read: listed = [] } = attempt;
  const settled = readsAll
    ? listed.filter(({ pending }) => !pending)
    : (await settledFacts(dataset, { ...deps, onFallback: snapshotWarning(attempt, deps) }))?.values();
  if (!settled) return undefined;
  const others = new Set(samples.map(({ fileName }) => fileName));
  for (const { fileName } of readsAll ? candidates : listed) others.add(fileName);
  const images: ReadImage[] = [];
  for (const image of settled) {
    if (image.state === 'registered' && !others.has(image.fileName)) images.push(readImage(image));
  }
  stopIfCanceled(attempt);
  return images.sort((a, b) => (a.fileName < b.fileName ? -1 : 1));
}

function readImage({ fileName, registeredAt, group, facts }: RegisteredRawSample): ReadImage {
  const { embedding, perceptualHash, embeddingModel } = facts;
  return { fileName, registeredAt, embedding, perceptualHash, embeddingModel, ...(group && { group }) };
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
