import type { Dataset } from '#contracts/items';
import type { Sample } from '#contracts/samples';
import { INITIAL_TAG, type Tag } from '#contracts/tags';
import { newLandingDataset } from '#platform/datasets/datasets';
import { maskOfIndexes, maskOfRange } from '#platform/tags/bit-mask';
import { initialTagId } from '#platform/tags/run-tags';
import type { ApiWorld } from './api-world.ts';
import { newId, someSample, someTag } from './documents.ts';

let datasets = 0;

/** A dataset of the administrator's as a run leaves it. */
export async function datasetWithSamples(
  { deps }: Pick<ApiWorld, 'deps'>,
  count: number,
  change: (sample: Sample) => Sample = (sample) => sample,
): Promise<Dataset> {
  datasets += 1;
  const name = `dataset ${datasets}`;
  const { id } = await deps.datasets.ensure(name, (id) =>
    newLandingDataset(id, name, deps.buckets, Date.UTC(2026, 0, 2, 3, 4, 5)),
  );
  await addSamples({ deps }, id, count, change);
  return (await deps.datasets.get(id)) as Dataset;
}

/** Adds samples until the dataset has `count` of them. */
export async function addSamples(
  { deps }: Pick<ApiWorld, 'deps'>,
  datasetId: string,
  count: number,
  change: (sample: Sample) => Sample = (sample) => sample,
): Promise<void> {
  const dataset = await deps.datasets.get(datasetId);
  if (!dataset) throw new Error(`There is no dataset '${datasetId}'.`);
  const { sampleCount, landingFolder } = dataset;
  const placed = (sample: Sample): Sample => ({
    ...sample,
    ...{ bucket: landingFolder.bucket, key: landingFolder.prefix + sample.fileName },
  });
  const indexes = Array.from({ length: count - sampleCount }, (_, at) => sampleCount + at);
  await deps.samples.put(indexes.map((index) => change(placed(someSample(datasetId, index)))));
  await deps.datasets.advance(datasetId, { sampleCount: count, processedUntil: Date.now() });
}

/** Without facts: as a client adds it. */
export const asAddedByClient = ({ facts: _, runId: __, selection: ___, ...sample }: Sample): Sample => sample;

/** The initial tag, of all samples of the dataset. */
export const addInitialTag = ({ deps }: Pick<ApiWorld, 'deps'>, { id, sampleCount }: Dataset): Promise<Tag> =>
  deps.tags.create(
    someTag(id, {
      id: initialTagId(id),
      name: INITIAL_TAG,
      bitMaskData: maskOfRange(0, sampleCount),
      totSize: sampleCount,
    }),
  );

/** A tag of some samples, inside the initial tag. */
export const addTag = (
  { deps }: Pick<ApiWorld, 'deps'>,
  parent: Tag,
  indexes: readonly number[],
): Promise<Tag> =>
  deps.tags.create(
    someTag(parent.datasetId, {
      name: `tag-${newId()}`,
      prevTagId: parent.id,
      bitMaskData: maskOfIndexes(indexes, Math.max(...indexes) + 1),
      totSize: indexes.length,
    }),
  );
