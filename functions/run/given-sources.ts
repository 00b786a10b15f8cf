import type { S3Client } from '#aws/clients';
import { type DatasourceServers, datasourceConnections } from '#aws/datasource-connections';
import { metadataConfigurationStore } from '#aws/metadata-configuration-store';
import { objectExpirations } from '#aws/object-expirations';
import { predictionStore } from '#aws/prediction-store';
import { scoreStore } from '#aws/score-store';
import type { Table } from '#aws/table';
import { type RelevantListDeps, relevantLists } from '#platform/datasources/relevant-lists';
import type { WritableObjectStore } from '#platform/objects/objects';

/**
 * Where a run finds what users have given of images.
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
  }: Pick<RelevantListDeps, 'runs' | 'artifacts'> & {
    readonly table: Table;
    readonly objects: WritableObjectStore;
    readonly platformBucket: string;
  },
  servers: { readonly landing?: S3Client; readonly datasources?: DatasourceServers } = {},
) => ({
  predictions: predictionStore(table, { objects, bucket: platformBucket }),
  scores: scoreStore(table, objects, platformBucket),
  metadataConfigurations: metadataConfigurationStore(table),
  datasourceConnections: datasourceConnections(servers.datasources),
  relevantLists: relevantLists({ runs, artifacts, objects, buckets: { platform: platformBucket } }),
  expirations: objectExpirations(servers.landing),
});
