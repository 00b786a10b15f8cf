import { createHash } from 'node:crypto';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import type { STSClient, STSClientConfig } from '@aws-sdk/client-sts';
import type { ReadableDatasource, WritableDatasource } from '#platform/datasources/datasource-objects';
import { partitionOf, regionNameOf } from '#platform/datasources/regions';
import { isAccessPoint } from '#platform/datasources/s3-resources';
import { limitAnswers } from './bounded-answers.ts';
import { newS3Client, newStsClient } from './clients.ts';
import { type DatasourceClient, lastsFor } from './datasource-client.ts';
import { s3DatasourceObjects, s3ReadableDatasource } from './datasource-objects.ts';
import { checkPartition, delegatedSession } from './delegated-session.ts';
import type { S3Datasource } from './s3-datasource.ts';

/** Access to the datasources that are in S3, as {@link DatasourceConnections} has it for all. */
export interface S3Connections {
  open(datasource: S3Datasource & { readonly use: 'LIGHTLY' }): Promise<WritableDatasource>;
  open(datasource: S3Datasource): Promise<ReadableDatasource>;
}

/** Where S3 and STS are; as the SDK finds them, unless told otherwise. */
export interface DatasourceServers {
  readonly s3?: S3ClientConfig;
  readonly sts?: STSClientConfig;
  /**
   * What a client has to have that asks an endpoint which somebody has named: where it may lead, for example.
   * @throws DatasourceError where it may not be asked
   */
  readonly forEndpoint?: (endpoint: string) => Pick<S3ClientConfig, 'requestHandler'>;
}

/** Of as many datasources a function keeps clients, with their connections and sessions. */
const MOST_CLIENTS = 50;
/**
 * Checksums would be parameters of every URL, and wrong ones in those to write to. A bucket that says SlowDown is asked
 * as fast as it answers; the ARN of an access point names its own region.
 */
const OF_DATASOURCES: S3ClientConfig = {
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
  retryMode: 'adaptive',
  useArnRegion: true,
};

/** Opens the datasources that are in S3, whatever they are reached with. @param now ms */
export function datasourceConnections(
  servers: DatasourceServers = {},
  now: () => number = Date.now,
): S3Connections {
  const kept = new Map<string, Promise<DatasourceClient>>();
  const make = clientMaker(servers, now);
  const clientOf = (datasource: S3Datasource, worn?: DatasourceClient): Promise<DatasourceClient> => {
    const serves = (known: DatasourceClient) => known !== worn && lastsFor(known, now());
    return keptOrMade(kept, { id: idOf(datasource), serves }, async () => {
      const made = await make(datasource);
      if (made.expiresAt === undefined) return made;
      const renewable: DatasourceClient = { ...made, renew: () => clientOf(datasource, renewable) };
      return renewable;
    });
  };
  const open = async (datasource: S3Datasource): Promise<ReadableDatasource | WritableDatasource> => {
    const client = await clientOf(datasource);
    return datasource.use === 'LIGHTLY'
      ? s3DatasourceObjects(datasource, client, now)
      : s3ReadableDatasource(datasource, client, now);
  };
  return { open: open as S3Connections['open'] };
}

function clientMaker(servers: DatasourceServers, now: () => number) {
  let sts: STSClient | undefined;
  return async (datasource: S3Datasource): Promise<DatasourceClient> => {
    const { config, access, place } = datasource;
    const client = (own: S3ClientConfig = {}): S3Client => {
      const isPathStyle = access.pathStyle && !isAccessPoint(place.bucket);
      return newS3Client({
        ...{ ...OF_DATASOURCES, ...servers.s3, ...own },
        ...(isPathStyle && { forcePathStyle: true }),
      });
    };
    switch (config.type) {
      case 'S3': {
        const { s3AccessKeyId: accessKeyId, s3SecretAccessKey: secretAccessKey } = config;
        const credentials = { accessKeyId, secretAccessKey };
        const region = regionNameOf(config.s3Region);
        const made = client({ ...endpointOf(datasource, servers), region, credentials });
        if (access.endpoint !== undefined) limitAnswers(made, access.endpoint);
        return { client: made };
      }
      case 'S3DelegatedAccess': {
        sts ??= newStsClient(servers.sts);
        checkPartition({ ...datasource, config }, partitionOf(await sts.config.region()));
        const madeAt = now();
        const credentials = await delegatedSession(sts, { ...datasource, config });
        const expiresAt = credentials.expiration.getTime();
        return { client: client({ region: regionNameOf(config.s3Region), credentials }), madeAt, expiresAt };
      }
      case 'LIGHTLY':
        return { client: client() };
      default:
        return config satisfies never;
    }
  };
}

/** The bucket is part of the path or of the host's name, as the store wants it. */
function endpointOf({ access }: S3Datasource, { forEndpoint }: DatasourceServers): S3ClientConfig {
  if (access.endpoint === undefined) return {};
  return { endpoint: access.endpoint, forcePathStyle: access.pathStyle, ...forEndpoint?.(access.endpoint) };
}

/** Changes with whatever a client depends on. */
function idOf({ id, use, config, place, access }: S3Datasource): string {
  if (config.type === 'LIGHTLY') return 'own';
  const digest = createHash('sha256').update(JSON.stringify([config, place, access]));
  return `${id} ${use} ${digest.digest('hex')}`;
}

/** Whoever asks while one is being made waits for that one; one that could not be made is not kept. */
async function keptOrMade(
  kept: Map<string, Promise<DatasourceClient>>,
  { id, serves }: { readonly id: string; readonly serves: (known: DatasourceClient) => boolean },
  make: () => Promise<DatasourceClient>,
): Promise<DatasourceClient> {
  for (let asked = kept.get(id); asked; asked = kept.get(id)) {
    const known = await asked;
    if (serves(known)) return known;
    if (kept.get(id) === asked) kept.delete(id);
  }
  const made = make();
  kept.set(id, made);
  const [oldest] = kept.keys();
  if (kept.size > MOST_CLIENTS && oldest !== undefined) kept.delete(oldest);
  try {
    return await made;
  } catch (error) {
    if (kept.get(id) === made) kept.delete(id);
    throw error;
  }
}
