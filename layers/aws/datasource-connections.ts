import { createHash } from 'node:crypto';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import type { STSClient, STSClientConfig } from '@aws-sdk/client-sts';
import { InvalidInputError } from '#contracts/errors';
import type { DatasourceConnections } from '#platform/datasources/datasource-objects';
import type { Datasource } from '#platform/datasources/datasources';
import { regionNameOf } from '#platform/datasources/regions';
import { newS3Client, newStsClient } from './clients.ts';
import { type DatasourceClient, s3DatasourceObjects } from './datasource-objects.ts';
import { delegatedSession } from './delegated-session.ts';

/** Where S3 and STS are; as the SDK finds them, unless told otherwise. */
export interface DatasourceServers {
  readonly s3?: S3ClientConfig;
  readonly sts?: STSClientConfig;
}

/** A URL that is signed with a session dies with it: what is left of one must be worth a URL. */
const SHORTEST_LEFT_MS = 20 * 60 * 1000;
/** Of as many datasources a function keeps clients, with their connections and sessions. */
const MOST_CLIENTS = 50;
/** Checksums would be parameters of every URL, and wrong ones in those to write to. */
const NO_CHECKSUMS = {
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
} as const;

interface KeptClient extends DatasourceClient {
  readonly digest: string;
}

/** Opens the datasources that are in S3, whatever they are reached with. @param now ms */
export function datasourceConnections(
  servers: DatasourceServers = {},
  now: () => number = Date.now,
): DatasourceConnections {
  const kept = new Map<string, Promise<KeptClient>>();
  let sts: STSClient | undefined;
  const make = async (datasource: Datasource): Promise<DatasourceClient> => {
    const { config } = datasource;
    const client = (own: S3ClientConfig = {}): S3Client =>
      newS3Client({ ...NO_CHECKSUMS, ...servers.s3, ...own });
    switch (config.type) {
      case 'S3': {
        const { s3AccessKeyId: accessKeyId, s3SecretAccessKey: secretAccessKey } = config;
        return {
          client: client({
            region: regionNameOf(config.s3Region),
            credentials: { accessKeyId, secretAccessKey },
          }),
        };
      }
      case 'S3DelegatedAccess': {
        sts ??= newStsClient(servers.sts);
        const credentials = await delegatedSession(sts, { ...datasource, config });
        const expiresAt = credentials.expiration.getTime();
        return { client: client({ region: regionNameOf(config.s3Region), credentials }), expiresAt };
      }
      default:
        return { client: client() };
    }
  };
  return {
    open: async (datasource) => {
      checkReachable(datasource);
      const id = datasource.config.type === 'LIGHTLY' ? 'own' : `${datasource.id} ${datasource.use}`;
      const digest = datasource.config.type === 'LIGHTLY' ? '' : digestOf(datasource);
      const client = await keptOrMade(kept, { id, digest, now }, () => make(datasource));
      return s3DatasourceObjects(datasource, client, now);
    },
  };
}

/** @throws InvalidInputError */
function checkReachable({ config }: Datasource): void {
  if (config.type === 'LIGHTLY' || config.type === 'S3' || config.type === 'S3DelegatedAccess') return;
  throw new InvalidInputError(
    `Winnow keeps the configuration of a datasource of type ${config.type}, but does not reach into it. ` +
      'Use S3, or S3DelegatedAccess.',
    { apiCode: 'DATASET_DATASOURCE_ACTION_NOT_IMPLEMENTED' },
  );
}

/** Changes with whatever a client depends on. */
const digestOf = ({ config, place, access }: Datasource): string =>
  createHash('sha256')
    .update(JSON.stringify([config, place, access]))
    .digest('hex');

/** Whoever asks while one is being made waits for that one; one that could not be made is not kept. */
async function keptOrMade(
  kept: Map<string, Promise<KeptClient>>,
  { id, digest, now }: { readonly id: string; readonly digest: string; readonly now: () => number },
  make: () => Promise<DatasourceClient>,
): Promise<KeptClient> {
  const known = await kept.get(id)?.catch(() => undefined);
  if (known?.digest === digest && (known.expiresAt ?? Number.POSITIVE_INFINITY) - now() > SHORTEST_LEFT_MS) {
    return known;
  }
  const made = make().then((client) => ({ ...client, digest }));
  kept.delete(id);
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
