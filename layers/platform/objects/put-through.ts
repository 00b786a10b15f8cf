import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ObjectReference, WritableObjectStore, WriteOptions } from './objects.ts';

/**
 * Writes what `source` yields, after it has passed through `transform`, to an object. When either side fails, the
 * other one is ended too: nothing becomes visible, and no half-read source is left behind.
 */
export async function putThrough(
  source: AsyncIterable<Buffer> | Iterable<string>,
  transform: Transform,
  object: { readonly reference: ObjectReference; readonly options: WriteOptions },
  objects: WritableObjectStore,
): Promise<void> {
  const failed = new AbortController();
  const send = async (): Promise<void> => {
    try {
      await objects.putStream(object.reference, transform, object.options);
    } catch (error) {
      failed.abort();
      throw error;
    }
  };
  await Promise.all([pipeline(Readable.from(source), transform, { signal: failed.signal }), send()]);
}
