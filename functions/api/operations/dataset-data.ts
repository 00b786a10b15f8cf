import type { User } from '#contracts/access';
import type { Dataset } from '#contracts/items';
import type { DatasetData, DatasetDataEnriched } from '#contracts/protocol/types.gen';
import type { DatasetContents } from '#platform/datasets/dataset-contents';
import { sampleIdOf } from '#platform/samples/sample-id';

/** Samples that an enriched dataset shows. */
const SAMPLES_SHOWN = 10;

/** A dataset as the protocol has it. */
export function datasetData(dataset: Dataset, caller: User): DatasetData {
  const { processedUntil, parentDatasetId, imgType, metaDataConfigurationId } = dataset;
  return {
    id: dataset.id,
    name: dataset.name,
    userId: dataset.userId,
    ...(dataset.userId !== caller.id && { accessType: 'WRITE' }),
    type: dataset.type,
    // Clients download the images of datasets that say so only.
    imgType: imgType ?? 'full',
    nSamples: dataset.sampleCount,
    sizeInBytes: dataset.sizeInBytes ?? 0,
    ...(metaDataConfigurationId && { metaDataConfigurationId }),
    createdAt: dataset.createdAt,
    lastModifiedAt: dataset.lastModifiedAt,
    // In seconds, unlike the others.
    datasourceProcessedUntilTimestamp: Math.floor(processedUntil / 1000),
    ...(parentDatasetId && { parentDatasetId }),
  };
}

export interface EnrichmentDeps {
  readonly datasetContents: Pick<DatasetContents, 'countTags' | 'countEmbeddings'>;
}

/** With ids of its first samples, and how much there is of other things. */
export async function datasetDataEnriched(
  dataset: Dataset,
  caller: User,
  { datasetContents }: EnrichmentDeps,
): Promise<DatasetDataEnriched> {
  const { datasourceProcessedUntilTimestamp: _, ...data } = datasetData(dataset, caller);
  const shown = Math.min(dataset.sampleCount, SAMPLES_SHOWN);
  const [nTags, nEmbeddings] = await Promise.all([
    datasetContents.countTags(dataset.id),
    datasetContents.countEmbeddings(dataset.id),
  ]);
  return {
    ...data,
    samples: Array.from({ length: shown }, (_, index) => sampleIdOf(dataset.id, index)),
    nTags,
    nEmbeddings,
  };
}
