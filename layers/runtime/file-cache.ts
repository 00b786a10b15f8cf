import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RetryableError } from '#contracts/errors';

/** A file of known size, to be read from the disk where an earlier process of this machine has put it. */
export interface CachedFile {
  /** The same name always has the same bytes. No folder. */
  readonly name: string;
  readonly size: number;
  readonly body: Readable;
}

/**
 * Files that are downloaded once for each machine. They may be deleted at any time.
 *
 * @param folder below the folder of temporary files
 * @returns reads a file, and downloads it where it is not there whole. The body is read or destroyed.
 * @throws RetryableError where the download breaks off
 */
export function fileCache(folder: string): (file: CachedFile) => Promise<Buffer> {
  const directory = join(tmpdir(), folder);
  return async ({ name, size, body }) => {
    const path = join(directory, name);
    if ((await sizeOf(path)) === size) {
      body.destroy();
      return readFile(path);
    }
    await mkdir(directory, { recursive: true });
    const partial = `${path}.${process.pid}`;
    try {
      await pipeline(body, createWriteStream(partial));
      if ((await sizeOf(partial)) !== size)
        throw new Error(`it has not the ${size} bytes that were announced`);
      const bytes = await readFile(partial);
      await rename(partial, path);
      return bytes;
    } catch (cause) {
      throw new RetryableError('DOWNLOAD_BROKE_OFF', `The download of '${name}' broke off.`, { cause });
    } finally {
      await rm(partial, { force: true });
    }
  };
}

const sizeOf = async (path: string): Promise<number | undefined> =>
  (await stat(path).catch(() => undefined))?.size;
