import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Abortable } from '../client/index.ts';

type Chunks = Iterable<string> | AsyncIterable<string>;

/**
 * Writes a text as it comes to a file, with the folders above it; it appears there when it is complete, and what was
 * there before stays until then.
 * @param file without it, the text goes to standard output
 */
export async function writeText(
  file: string | undefined,
  chunks: Chunks,
  { signal }: Abortable,
): Promise<void> {
  const options = signal && { signal };
  if (file === undefined) {
    await pipeline(Readable.from(chunks), process.stdout, { ...options, end: false }).catch(
      asAborted(signal),
    );
    return;
  }
  const folder = dirname(file);
  await mkdir(folder, { recursive: true });
  // A name of its own: that of the file may be as long as the file system allows.
  const partial = join(folder, `.${randomUUID()}.part`);
  try {
    await pipeline(Readable.from(chunks), createWriteStream(partial, { flags: 'wx' }), options ?? {});
    await rename(partial, file);
  } catch (error) {
    asAborted(signal)(error);
  } finally {
    await rm(partial, { force: true });
  }
}

/** A pipeline that is aborted rejects with an error of its own. */
const asAborted =
  (signal: AbortSignal | undefined) =>
  (error: unknown): never => {
    signal?.throwIfAborted();
    throw error;
  };
