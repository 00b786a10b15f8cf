import { createHash } from 'node:crypto';
import type { DatasourceConfig } from '#contracts/datasources';
import type { Datasource } from '../datasources/datasources.ts';

/**
 * Names the place that a datasource leads to. Credentials and roles may change, and it stays the same; another store,
 * account or folder is another place.
 */
export const placeDigestOf = ({ config, place, access }: Datasource): string =>
  createHash('sha256')
    .update(JSON.stringify([storeOf(config, access), place.bucket, place.prefix]))
    .digest('hex')
    .slice(0, 32);

function storeOf(config: DatasourceConfig, { endpoint = '' }: Datasource['access']): string {
  switch (config.type) {
    case 'LIGHTLY':
    case 'S3DelegatedAccess':
      return 's3';
    case 'S3':
      return endpoint === '' ? 's3' : `s3 ${endpoint}`;
    case 'OBS':
      return `s3 ${config.obsEndpoint}`;
    case 'AZURE':
      return `azure ${config.accountName}`;
    case 'GCS':
      return 'gcs';
    case 'LOCAL':
      return 'web';
    default:
      return config satisfies never;
  }
}
