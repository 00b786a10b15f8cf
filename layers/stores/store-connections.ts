import type { StorageOptions } from '@google-cloud/storage';
import { type DatasourceServers, datasourceConnections } from '#aws/datasource-connections';
import type { S3Datasource } from '#aws/s3-datasource';
import type { DatasourceConfigOf } from '#contracts/datasources';
import { ENVIRONMENT } from '#contracts/stages';
import type {
  DatasourceConnections,
  ReadableDatasource,
  WritableDatasource,
} from '#platform/datasources/datasource-objects';
import type { Datasource } from '#platform/datasources/datasources';
import { writesReservedOnly } from '#platform/datasources/reserved-writes';
import { guardedAgents, type PrivateEndpoints } from './address-guard.ts';
import { type AzureServer, azureDatasource } from './azure-objects.ts';
import { gcsDatasource } from './gcs-objects.ts';
import { webServerObjects } from './web-server-objects.ts';

/** Where the stores are; as their clients find them, unless told otherwise. */
export interface StoreServers extends Omit<DatasourceServers, 'forEndpoint'> {
  readonly gcs?: StorageOptions;
  readonly azure?: AzureServer;
  /** Where endpoints may lead that somebody has named. @default what the environment says, else `refuse` */
  readonly privateEndpoints?: PrivateEndpoints;
}

/** As those of Winnow's own buckets: ms. */
const TIMEOUTS = {
  connectionTimeout: 3_000,
  requestTimeout: 60_000,
  socketTimeout: 60_000,
  throwOnRequestTimeout: true,
};

/** Opens datasources of every type. What can be written in one is below its `.lightly/`. @param now ms */
export function storeConnections(
  servers: StoreServers = {},
  now: () => number = Date.now,
): DatasourceConnections {
  const { privateEndpoints = privateEndpointsIn(process.env) } = servers;
  const ofEndpoint = guardedAgents(privateEndpoints, 'The endpoint');
  const ofWebServer = guardedAgents(privateEndpoints, 'webServerLocation');
  const s3 = datasourceConnections(
    { ...servers, forEndpoint: () => ({ requestHandler: { ...TIMEOUTS, ...ofEndpoint } }) },
    now,
  );
  const openStore = async (datasource: Datasource): Promise<ReadableDatasource | WritableDatasource> => {
    const { config } = datasource;
    switch (config.type) {
      case 'OBS':
        return s3.open(asS3({ ...datasource, config }));
      case 'GCS':
        return gcsDatasource({ ...datasource, config }, servers.gcs);
      case 'AZURE':
        return azureDatasource({ ...datasource, config }, servers.azure);
      case 'LOCAL':
        return webServerObjects(datasource, ofWebServer, now);
      case 'LIGHTLY':
      case 'S3':
      case 'S3DelegatedAccess':
        return s3.open({ ...datasource, config });
      default:
        return config satisfies never;
    }
  };
  const open = async (datasource: Datasource): Promise<ReadableDatasource | WritableDatasource> => {
    const opened = await openStore(datasource);
    return 'put' in opened ? writesReservedOnly(opened) : opened;
  };
  return { open: open as DatasourceConnections['open'] };
}

const privateEndpointsIn = (env: NodeJS.ProcessEnv): PrivateEndpoints =>
  env[ENVIRONMENT.privateEndpoints] === 'allow' ? 'allow' : 'refuse';

/** What stores of one region, or of none, are asked for. */
const ANY_REGION = 'us-east-1';

/** OBS speaks S3. Its endpoints, which are addresses since they were set, are called `obs.<region>.<domain>`. */
function asS3(datasource: Datasource & { readonly config: DatasourceConfigOf<'OBS'> }): S3Datasource {
  const { config, access } = datasource;
  const { obsEndpoint: endpoint, obsAccessKeyId, obsSecretAccessKey, ...others } = config;
  return {
    ...datasource,
    access: { requesterPays: false, pathStyle: access.pathStyle, endpoint },
    config: {
      ...others,
      type: 'S3',
      s3Region: /^obs\.([a-z0-9-]+)\./.exec(new URL(endpoint).hostname)?.[1] ?? ANY_REGION,
      s3AccessKeyId: obsAccessKeyId,
      s3SecretAccessKey: obsSecretAccessKey,
    },
  };
}
