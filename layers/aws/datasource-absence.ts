import { HeadObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { DatasourceError } from '#contracts/errors';
import type { FileVersion } from '#platform/datasources/datasource-objects';
import type { DatasourceRequests } from './datasource-requests.ts';
import { denialIn } from './denial.ts';
import { decodeListedKey, withoutQuotes } from './s3-objects.ts';
import { statusOf } from './service-errors.ts';

/**
 * Reads a file, of which S3 says "denied" where it is gone too: to those who may not list the whole bucket, and a session
 * that is narrowed to a prefix may not. So a denial is asked about: what is not listed is not there.
 *
 * A role may be allowed to read objects and not their versions, as it was asked for before there were any. The newest
 * version is then read without its id, and older ones are gone, as in a bucket without versions.
 *
 * @param isAbsent nothing is there, and what is asked is whether it might be read
 * @returns undefined where the file, or that version, is gone
 * @throws what `read` throws
 */
export async function readingWhatIsThere<T>(
  requests: DatasourceRequests,
  {
    name,
    version,
    isAbsent,
  }: { readonly name: string; readonly version: FileVersion; readonly isAbsent: boolean },
  read: (version: FileVersion) => Promise<T | undefined>,
): Promise<T | undefined> {
  try {
    return await read(version);
  } catch (error) {
    if (!(error instanceof DatasourceError) || error.problem.code !== 'DENIED') throw error;
    if (isAbsent) return deniedOf(error);
    if (await isGone(requests, name, error.cause)) return undefined;
    const newest = version.versionId === undefined ? undefined : await headOf(requests, name);
    if (!newest) throw error;
    return newest.versionId === version.versionId ? read({ eTag: newest.eTag }) : undefined;
  }
}

/**
 * S3 looks at the right to read first, and at that to list where there is nothing to be read; which of them was missing it
 * tells in the account of the bucket only.
 */
const isOnlyListingDenied = (cause: unknown): boolean => denialIn(cause).action === 's3:ListBucket';

/** True where a file that was denied is not there, as far as that is to be known. @param cause what S3 answered */
export const isGone = async (requests: DatasourceRequests, name: string, cause: unknown): Promise<boolean> =>
  isOnlyListingDenied(cause) || (await isListed(requests, name)) === false;

/** Of a file that is known not to be there. */
function deniedOf(denial: DatasourceError): undefined {
  if (isOnlyListingDenied(denial.cause)) return undefined;
  if (denialIn(denial.cause).action !== undefined) throw denial;
  throw new DatasourceError(
    'Reading could not be tried: there is no file yet.',
    { ...denial.problem, code: 'UNTRIED' },
    { cause: denial.cause },
  );
}

/** Undefined where that is not to be known. */
async function isListed(
  { datasource, tryOut, target, terms }: DatasourceRequests,
  name: string,
): Promise<boolean | undefined> {
  const { Key } = target(name);
  const listing = new ListObjectsV2Command({
    ...{ Bucket: datasource.place.bucket, Prefix: Key, MaxKeys: 1, EncodingType: 'url', ...terms },
  });
  try {
    const { Contents = [], EncodingType } = await tryOut((client) => client.send(listing));
    return Contents.some(({ Key: listed = '' }) =>
      EncodingType === 'url' ? decodeListedKey(listed) === Key : listed === Key,
    );
  } catch {
    return undefined;
  }
}

/** The newest version, where it may be read. */
async function headOf({ target, tryOut }: DatasourceRequests, name: string) {
  try {
    const { VersionId, ETag } = await tryOut((client) => client.send(new HeadObjectCommand(target(name))));
    return { versionId: VersionId, eTag: withoutQuotes(ETag) };
  } catch {
    return undefined;
  }
}

/** Whether versions may be read by their ids with a client, once that is known. */
const readsVersions = new WeakMap<S3Client, boolean>();

/** A URL of a version that may not be read is worth less than one of the newest. */
export async function versionToSign(
  requests: DatasourceRequests,
  name: string,
  versionId: string | undefined,
): Promise<string | undefined> {
  if (versionId === undefined || requests.datasource.config.type === 'LIGHTLY') return versionId;
  const client = await requests.client();
  if (!readsVersions.has(client)) {
    const answerTo = (version: { readonly VersionId?: string }) =>
      client.send(new HeadObjectCommand({ ...requests.target(name), ...version })).then(
        () => 200,
        (error: unknown) => statusOf(error),
      );
    const byId = await answerTo({ VersionId: versionId });
    // To whom a version may not be read, nobody tells that it is not there.
    if (byId === 200 || byId === 404 || byId === 405) readsVersions.set(client, true);
    if (byId === 403 && (await answerTo({})) === 200) readsVersions.set(client, false);
  }
  return readsVersions.get(client) === false ? undefined : versionId;
}
