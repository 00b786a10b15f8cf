import type { DatasourceConfig } from '#contracts/datasources';
import { InvalidInputError } from '#contracts/errors';
import type { BucketPrefix } from '#contracts/items';
import { EXPECTED_SERVER_ADDRESS, isServerAddress } from '#contracts/server-address';
import { isRelativePath } from './paths.ts';
import { STORE_TRAITS, traitsOf, webServerOf } from './store-traits.ts';

/** Buckets that were made before 2018 may have capital letters and underscores. */
const BUCKET_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/;
/** Leaves room in a key, and in the policy of a session, for what comes after it. */
const LONGEST_PREFIX_BYTES = 512;

/** What AWS makes and that is no bucket for reading by its name, with what to name instead. */
const NOT_BUCKETS: readonly (readonly [ending: RegExp, remedy: string])[] = [
  [/-s3alias$/, 'is the alias of an access point, which no policy can name. Use its ARN'],
  [/--ol-s3$/, 'is the alias of an Object Lambda access point, which can not be listed. Use its bucket'],
  [/\.mrap$/, 'is a multi-region access point. Use the bucket of one region, or an access point of it'],
  [/--x-s3$/, 'is a directory bucket, whose listings are in no order. Use a general purpose bucket'],
];
const ACCESS_POINT = /^arn:[a-z-]+:s3:[a-z0-9-]+:\d{12}:accesspoint\/[a-z0-9-]{3,50}$/;

/** The ARN of an access point has a slash of its own. */
function splitAfterBucket(path: string): string[] {
  const [first = '', second = '', ...folders] = path.split('/');
  return first.startsWith('arn:') ? [`${first}/${second}`, ...folders] : path.split('/');
}

/**
 * The bucket and prefix that `s3://bucket/path` means; the scheme may be left out, and the ARN of an access point may
 * stand for the bucket.
 * @throws InvalidInputError
 */
export const s3LocationOf = (fullPath: string): BucketPrefix => locationIn(fullPath, STORE_TRAITS.S3.schemes);

function locationIn(fullPath: string, schemes: readonly string[]): BucketPrefix {
  const scheme = schemes.find((known) => fullPath.startsWith(known)) ?? '';
  const [bucket = '', ...folders] = splitAfterBucket(fullPath.slice(scheme.length));
  const path = folders.join('/').replace(/\/$/, '');
  const notBucket = NOT_BUCKETS.find(([ending]) => ending.test(bucket));
  if (notBucket && /^(s3:|arn:|[^:]*$)/.test(fullPath)) throw invalid(`'${bucket}' ${notBucket[1]}`);
  if (!BUCKET_NAME.test(bucket) && !ACCESS_POINT.test(bucket)) {
    throw invalid(`'${fullPath.slice(0, 100)}' names no bucket. Expected '${schemes[0]}bucket/path'`);
  }
  if (path === '') return { bucket, prefix: '' };
  if (!isRelativePath(path) || Buffer.byteLength(path) > LONGEST_PREFIX_BYTES) {
    throw invalid(
      `the path after the bucket must have folder names only, none of them '.' or '..', and at most ` +
        `${LONGEST_PREFIX_BYTES} bytes`,
    );
  }
  return { bucket, prefix: `${path}/` };
}

/** Where a datasource is, in the words of its type. @throws InvalidInputError */
export function placeOf(config: DatasourceConfig): BucketPrefix {
  if (config.type !== 'LOCAL') return locationIn(config.fullPath, traitsOf(config).schemes);
  checkLocalPath(config.fullPath);
  const folder = config.fullPath.replace(/\/$/, '');
  return {
    bucket: webServerOf(config).replace(/\/+$/, ''),
    prefix: folder === '' ? '' : `${folder}/`,
  };
}
/** @throws InvalidInputError where a config names no place that can be */
export function checkPlace(config: DatasourceConfig): void {
  // Its path is not looked at.
  if (config.type === 'LIGHTLY') return;
  placeOf(config);
  if (config.type === 'OBS') checkServer(config.obsEndpoint, 'obsEndpoint');
  if (config.type === 'LOCAL') checkServer(webServerOf(config), 'webServerLocation');
}

function checkServer(address: string, field: string): void {
  if (isServerAddress(address)) return;
  throw new InvalidInputError(`${field} of the datasource is not valid: ${EXPECTED_SERVER_ADDRESS}.`, {
    apiCode: 'DATASET_DATASOURCE_INVALID',
  });
}

/** The bucket, container or first folder of a path, whatever the service. */
export const containerOf = (fullPath: string): string =>
  splitAfterBucket(fullPath.replace(/^\w+:\/\//, ''))[0] ?? '';

/** True where the path is another one, or leads below it, whatever the service. */
export function isAtOrBelow(fullPath: string, other: string): boolean {
  const folderOf = (path: string): string => `${path.replace(/^\w+:\/\//, '').replace(/\/+$/, '')}/`;
  return folderOf(fullPath).startsWith(folderOf(other));
}

/** @throws InvalidInputError where the path on a local file server is not relative */
function checkLocalPath(fullPath: string): void {
  if (fullPath === '' || (!fullPath.includes('://') && isRelativePath(fullPath.replace(/\/$/, '')))) return;
  throw invalid("expected a path relative to the file server's folder, without '.', '..' and '://'");
}

const invalid = (reason: string): InvalidInputError =>
  new InvalidInputError(`fullPath of the datasource is not valid: ${reason}.`, {
    apiCode: 'DATASET_DATASOURCE_INVALID',
  });
