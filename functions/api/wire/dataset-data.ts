import type { User } from '#contracts/access';
import type { Dataset } from '#contracts/items';
import type { DatasetData, DatasetDataEnriched } from '#contracts/protocol/types.gen';
import { listEmbeddings } from '#platform/embeddings/find-embedding';
import { sampleIdOf } from '#platform/samples/sample-id';
import type { ApiDeps } from '../api-deps.ts';

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

type EnrichmentDeps = Pick<ApiDeps, 'datasetContents' | 'embeddings' | 'samples'>;

/** With ids of its first samples, and how much there is of other things. */
export async function datasetDataEnriched(
  dataset: Dataset,
  caller: User,
  deps: EnrichmentDeps,
): Promise<DatasetDataEnriched> {
  const { datasourceProcessedUntilTimestamp: _, ...data } = datasetData(dataset, caller);
  const shown = Math.min(dataset.sampleCount, SAMPLES_SHOWN);
  const [nTags, embeddings] = await Promise.all([
    deps.datasetContents.countTags(dataset.id),
    listEmbeddings(dataset, deps),
  ]);
  return {
    ...data,
    samples: Array.from({ length: shown }, (_, index) => sampleIdOf(dataset.id, index)),
    nTags,
    nEmbeddings: embeddings.length,
  };
}
