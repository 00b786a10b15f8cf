import { metadataConfigurationStore } from '#aws/metadata-configuration-store';
import { predictionStore } from '#aws/prediction-store';
import { scoreStore } from '#aws/score-store';
import type { Table } from '#aws/table';
import { datasetImages } from '#platform/datasources/dataset-images';
import type { DatasourceStore } from '#platform/datasources/datasources';
import { type RelevantListDeps, relevantLists } from '#platform/datasources/listing/relevant-lists';
import type { WritableObjectStore } from '#platform/objects/objects';
import { type StoreServers, storeConnections } from '#stores/store-connections';

/**
 * Where a run finds images, and what users have given of them.
 *
 * @param servers where S3 and STS are. @default as the SDK finds them
 */
export const givenSources = (
  {
    table,
    objects,
    platformBucket,
    runs,
    artifacts,
    datasources,
  }: Pick<RelevantListDeps, 'runs' | 'artifacts'> & {
    readonly datasources: Pick<DatasourceStore, 'get'>;
    readonly table: Table;
    readonly objects: WritableObjectStore;
    readonly platformBucket: string;
  },
  servers: StoreServers = {},
) => {
  const connections = storeConnections(servers);
  return {
    predictions: predictionStore(table, { objects, bucket: platformBucket }),
    scores: scoreStore(table, objects, platformBucket),
    metadataConfigurations: metadataConfigurationStore(table),
    datasourceConnections: connections,
    relevantLists: relevantLists({ runs, artifacts, objects, buckets: { platform: platformBucket } }),
    datasetImages: datasetImages({ datasources, datasourceConnections: connections, now: Date.now }),
  };
};
