import { gunzipSync } from 'node:zlib';

/** Unzips bytes into a stream of one part. */
export async function* gunzipped(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield gunzipSync(bytes);
}
