import { randomUUID } from 'node:crypto';
import { createWriteStream, openAsBlob } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { readGzippedLines } from '#platform/objects/gzipped-lines';
import { ConnectionError, TransferError } from '../../client/index.ts';

/** Reads gzipped lines from a signed URL. @throws TransferError, ConnectionError */
export async function readLines<T>(
  url: string,
  {
    fetch,
    signal,
    what,
  }: { readonly fetch: typeof globalThis.fetch; readonly signal: AbortSignal; readonly what: string },
  read: (lines: AsyncIterable<string>) => Promise<T>,
): Promise<T> {
  const response = await reach(() => fetch(url, { signal }), what, signal);
  const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
  let broken: unknown;
  body.once('error', (error) => {
    broken = error;
  });
  try {
    return await readGzippedLines(body, read);
  } catch (error) {
    signal.throwIfAborted();
    if (broken === undefined) throw error;
    throw new ConnectionError(`Reading ${what} broke off.`, { cause: error });
  }
}

/**
 * Puts lines to a signed URL, gzipped. S3 wants to know the length before, and what is put may be larger than memory, so it
 * goes through a temporary file.
 * @throws TransferError, ConnectionError
 */
export async function putLines(
  urlOf: () => Promise<string>,
  {
    fetch,
    signal,
    what,
  }: { readonly fetch: typeof globalThis.fetch; readonly signal: AbortSignal; readonly what: string },
  lines: Iterable<string>,
): Promise<void> {
  const file = join(tmpdir(), `winnow-worker-${randomUUID()}.gz`);
  try {
    await pipeline(Readable.from(lines), createGzip(), createWriteStream(file, { flags: 'wx', mode: 0o600 }));
    const body = await openAsBlob(file);
    const url = await urlOf();
    const response = await reach(() => fetch(url, { method: 'PUT', body, signal }), what, signal);
    await response.body?.cancel();
  } finally {
    await rm(file, { force: true });
  }
}

/** @throws TransferError, ConnectionError that name the thing and not its URL, which is a secret */
export async function reach(
  ask: () => Promise<Response>,
  what: string,
  signal: AbortSignal,
): Promise<Response> {
  let response: Response;
  try {
    response = await ask();
  } catch (error) {
    signal.throwIfAborted();
    const reason = (error as Error & { cause?: Error }).cause?.message ?? String(error);
    throw new ConnectionError(`The transfer of ${what} could not be done: ${reason}`, { cause: error });
  }
  if (response.ok) return response;
  await response.body?.cancel();
  throw new TransferError(`The transfer of ${what}`, response.status);
}

/** The eTag of what was read, without quotes. */
export const eTagOf = ({ headers }: Response): string | undefined => headers.get('etag')?.replaceAll('"', '');
