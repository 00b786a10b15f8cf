import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import type { Artifact, Run } from '#contracts/items';
import { type Digest, digestStream } from '#platform/objects/digest-stream';
import type { ObjectReference, WritableObjectStore } from '#platform/objects/objects';
import { putThrough } from '#platform/objects/put-through';
import { DamagedArchiveError } from './damaged-archive-error.ts';

const CHECKSUM_FILE_NAME = 'checksums.sha256';
/** `rw-r--r--` of a regular file. */
const MODE = 0o100644;

/**
 * Streams the zip of a run to `archive`: artifacts by file name, then the list of their SHA-256 as
 * `sha256sum -c` reads it. Dates are those of the run and nothing depends on the moment, so the bytes are always
 * the same. One artifact is open at a time.
 *
 * @returns length and hash of what was sent.
 * @throws DamagedArchiveError where an artifact is gone or is not what was recorded.
 */
export async function writeZip(
  run: Run,
  artifacts: readonly Artifact[],
  archive: ObjectReference,
  { objects, platformBucket }: { readonly objects: WritableObjectStore; readonly platformBucket: string },
): Promise<Digest> {
  const zip = new ZipFile();
  const options = { mtime: new Date(run.createdAt), mode: MODE };
  const sorted = artifacts.toSorted((a, b) => (a.fileName < b.fileName ? -1 : 1));
  const output = zip.outputStream as Readable;
  zip.on('error', (error: Error) => output.destroy(error));
  for (const artifact of sorted) {
    zip.addReadStreamLazy(artifact.fileName, options, (callback) => {
      openVerified(artifact, platformBucket, objects).then(
        (content) => {
          content.once('error', (error) => output.destroy(error));
          callback(null, content);
        },
        (error: Error) => output.destroy(error),
      );
    });
  }
  const lines = sorted.map(({ sha256, fileName }) => `${sha256}  ${fileName}\n`);
  zip.addBuffer(Buffer.from(lines.join('')), CHECKSUM_FILE_NAME, options);
  zip.end();

  const { stream, digest } = digestStream();
  const object = { reference: archive, options: { contentType: 'application/zip' } };
  await putThrough(output, stream, object, objects);
  return digest();
}

/** The bytes of an artifact; the stream fails at its end where they are not those that were recorded. */
async function openVerified(
  { key, fileName, sha256 }: Artifact,
  bucket: string,
  objects: WritableObjectStore,
): Promise<Readable> {
  const found = await objects.open({ bucket, key });
  if (!found) throw new DamagedArchiveError(`Artifact '${fileName}' is gone.`);
  const { stream } = digestStream((digest) =>
    digest.sha256 === sha256
      ? undefined
      : new DamagedArchiveError(`Artifact '${fileName}' is not what was recorded.`),
  );
  pipeline(found.body, stream).catch((error: Error) => stream.destroy(error));
  return stream;
}
