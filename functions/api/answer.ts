import { Readable } from 'node:stream';
import type { ProtocolOperation } from '#contracts/protocol/operations';
import { type HttpResponse, jsonResponse } from '#runtime/http-stage';
import { jsonArrayOf } from './json-array.ts';
import { PartStream, Redirect, RowStream } from './operation.ts';

/** Parts are gathered to this many bytes before they are sent: a row is often shorter than what carries it. */
const CHUNK_BYTES = 64 * 1024;

/** What an operation returned, as the contract says it is sent. */
export async function answerWith(operation: ProtocolOperation, result: unknown): Promise<HttpResponse> {
  const { status, contentType } = operation.answer;
  const headers: Record<string, string> = contentType ? { 'content-type': contentType } : {};
  if (result instanceof Redirect) {
    // The URL behind it is another one the next time.
    return { status: 302, headers: { location: result.url, 'cache-control': 'no-store' }, body: '' };
  }
  if (result instanceof RowStream) return { status, headers, body: await streamOf(jsonArrayOf(result.rows)) };
  if (result instanceof PartStream) return { status, headers, body: await streamOf(result.parts) };
  if (contentType === undefined) return { status, body: '' };
  if (contentType === 'application/json') return jsonResponse(status, result);
  return { status, headers, body: String(result) };
}

/** Waits for the first part, so that what fails at once is answered with an error and not with half a body. */
async function streamOf(parts: AsyncIterable<string | Uint8Array>): Promise<Readable> {
  const iterator = chunksOf(parts);
  const first = await iterator.next();
  return Readable.from(following(first, iterator), { objectMode: false });
}

async function* following(
  first: IteratorResult<Buffer, void>,
  rest: AsyncGenerator<Buffer>,
): AsyncGenerator<Buffer> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

async function* chunksOf(parts: AsyncIterable<string | Uint8Array>): AsyncGenerator<Buffer, void> {
  let gathered: Buffer[] = [];
  let bytes = 0;
  for await (const part of parts) {
    const buffer = Buffer.from(part as string);
    gathered.push(buffer);
    bytes += buffer.length;
    if (bytes < CHUNK_BYTES) continue;
    yield Buffer.concat(gathered);
    gathered = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(gathered);
}
