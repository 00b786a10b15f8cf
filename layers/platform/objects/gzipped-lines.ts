import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { ObjectReference, WritableObjectStore } from './objects.ts';
import { putThrough } from './put-through.ts';
import { textLines } from './text-lines.ts';

/**
 * Writes lines, each with its line feed, as a gzipped object.
 * @param options.level of zlib: 1 is fastest. @default 6
 */
export function putGzippedLines(
  lines: Iterable<string>,
  reference: ObjectReference,
  objects: WritableObjectStore,
  { level = 6 }: { readonly level?: number } = {},
): Promise<void> {
  const options = { contentType: 'application/gzip' };
  return putThrough(lines, createGzip({ level }), { reference, options }, objects);
}

/** What `read` makes of gzipped lines, which it gets without their line feeds. Ends the stream, whatever happens. */
export const readGzippedLines = <T>(
  body: Readable,
  read: (lines: AsyncIterable<string>) => Promise<T>,
): Promise<T> =>
  pipeline(body, createGunzip(), (unzipped: AsyncIterable<Uint8Array>) => read(textLines(unzipped)));
