import { HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { DatasourceError } from '#contracts/errors';
import type { DatasourceRequests } from './datasource-requests.ts';
import { decodeListedKey } from './s3-objects.ts';

/**
 * Reads a file, of which S3 says "denied" where it is gone too: to those who may not list the whole bucket, and a session
 * that is narrowed to a prefix may not. So a denial is asked about: what is not listed is not there, and a version is
 * gone where another one of the file may be read by its id.
 *
 * @returns undefined where the file, or that version, is gone
 * @throws what `read` throws, naming the permission that is missing
 */
export async function readingWhatIsThere<T>(
  requests: DatasourceRequests,
  file: { readonly name: string; readonly versionId: string | undefined },
  read: () => Promise<T | undefined>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof DatasourceError) || error.problem.code !== 'DENIED') throw error;
    const isThere = await isListed(requests, file.name);
    if (isThere === undefined) throw error;
    if (!isThere) return undefined;
    if (file.versionId === undefined) throw error;
    return refusedVersion(requests, file.name, { versionId: file.versionId, error });
  }
}

/** @returns undefined where that version is gone. @throws DatasourceError */
async function refusedVersion(
  requests: DatasourceRequests,
  name: string,
  { versionId, error }: { readonly versionId: string; readonly error: DatasourceError },
): Promise<undefined> {
  const head = (version: { readonly VersionId?: string }) =>
    requests
      .tryOut((client) => client.send(new HeadObjectCommand({ ...requests.target(name), ...version })))
      .catch(() => undefined);
  const newest = await head({});
  if (!newest) throw error;
  if (newest.VersionId === undefined) return undefined;
  const isReadable = newest.VersionId !== versionId && (await head({ VersionId: newest.VersionId }));
  if (isReadable) return undefined;
  throw await requests.refusal('s3:GetObjectVersion', error.cause);
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
