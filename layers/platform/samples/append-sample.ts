import { RetryableError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { Sample } from '#contracts/samples';
import { newObjectId, type ObjectId } from '#contracts/schema';
import type { DatasetStore } from '../datasets/datasets.ts';
import { livingDataset } from '../datasets/living-dataset.ts';
import { completeRename, type RenameSampleDeps } from './rename-sample.ts';
import { sampleIdOf } from './sample-id.ts';
import { checkUnlocked, MOST_RACES, takeName, unlockedDataset } from './sample-names.ts';
import type { SampleClaims } from './samples.ts';

export interface AppendSampleDeps extends RenameSampleDeps {
  readonly datasets: Pick<DatasetStore, 'get' | 'addSample'>;
  readonly samples: RenameSampleDeps['samples'] & Pick<SampleClaims, 'offer' | 'settle' | 'withdraw'>;
  /** Waits for some milliseconds, more of them the more often one has waited, and no two callers alike. */
  readonly pause: (timesBefore: number) => Promise<void>;
}

/** Whoever stands at an index is given so many pauses to get done alone; help of many at once is only in the way. */
const MOST_WAITS = 3;

/** A sample without its place in the dataset. */
export type NewSample = Omit<Sample, 'id' | 'index' | 'offer'>;

/**
 * Adds a sample to the dataset, at the next index, or finds the one that has its file name already. Members have
 * gapless indexes and file names of their own, however many callers add samples at once and wherever one dies:
 *
 * 1. *offer*: the sample is written at the dataset's next index, under an id of this attempt. It can't be seen.
 * 2. *name*: its file name becomes the index's. Where a member has the name, the offer is withdrawn.
 * 3. *settle*: the offer ends; from here on the sample can't be withdrawn any more.
 * 4. *count*: the dataset's count grows past the index, and the sample is a member.
 *
 * At most one sample stands beyond the count. Whoever wants its place waits a little, and then carries it through these
 * steps, so that nobody waits for a caller that is gone. A run, which holds the dataset's lock, writes over it.
 *
 * @param make - the sample whose id this is
 * @throws ConflictError where a run holds the lock; NotFoundError where the dataset is deleted
 */
export async function appendSample(
  { datasetId, fileName }: Pick<Sample, 'datasetId' | 'fileName'>,
  make: (id: ObjectId) => NewSample,
  deps: AppendSampleDeps,
): Promise<Sample> {
  let waitedFor = { index: -1, times: 0 };
  for (let race = 0; race < MOST_RACES; race++) {
    const dataset = await livingDataset(datasetId, deps.datasets);
    const member = await memberCalled(fileName, dataset, deps);
    if (member) return member;
    checkUnlocked(dataset);
    const index = dataset.sampleCount;
    const id = sampleIdOf(datasetId, index);
    const offered: Sample = { ...make(id), id, index, offer: newObjectId(deps.now()) };
    if (await deps.samples.offer(offered)) {
      if (await complete(offered, deps)) return withoutOffer(offered);
      continue;
    }
    waitedFor = { index, times: waitedFor.index === index ? waitedFor.times + 1 : 1 };
    if (waitedFor.times > MOST_WAITS) await completeAt(datasetId, index, deps);
    else await deps.pause(race);
  }
  throw new RetryableError('CONTENDED', `Dataset '${datasetId}' grows faster than a sample can be added.`);
}

/** Also one that is being renamed to this; the change is completed. */
async function memberCalled(
  fileName: string,
  { id, sampleCount }: Dataset,
  deps: AppendSampleDeps,
): Promise<Sample | undefined> {
  const name = await deps.samples.nameOf(id, fileName);
  if (!name || name.index >= sampleCount) return undefined;
  const holder = await deps.samples.get(id, name.index);
  if (!holder || holder.fileName === fileName) return holder;
  if (holder.renamingTo !== fileName || !(await completeRename(holder, fileName, deps))) return undefined;
  return deps.samples.get(id, name.index);
}

/** Carries what stands at an index through the steps that are left. */
async function completeAt(datasetId: ObjectId, index: number, deps: AppendSampleDeps): Promise<void> {
  const standing = await deps.samples.get(datasetId, index);
  if (!standing) return;
  if (standing.runId === undefined) {
    await complete(standing, deps);
    return;
  }
  // Read after the sample: while its run is at work, the dataset is locked. What is left is from one that failed.
  const { sampleCount } = await unlockedDataset(datasetId, deps.datasets);
  if (sampleCount === index) await deps.samples.withdraw(standing);
}

/** True where this call has made the sample a member. */
async function complete(sample: Sample, deps: AppendSampleDeps): Promise<boolean> {
  const { datasetId, fileName, index, offer } = sample;
  if (offer !== undefined) {
    const name = { datasetId, fileName, index, claim: offer };
    if (!(await takeName(name, (standing) => standing.offer === offer, deps))) {
      await deps.samples.withdraw(sample);
      return false;
    }
    if (!(await deps.samples.settle(sample))) return false;
  }
  return deps.datasets.addSample(datasetId, index, sample.metaData?.sizeInBytes ?? 0);
}

function withoutOffer({ offer: _, ...sample }: Sample): Sample {
  return sample;
}
