import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ApiWorkflowError, TransferError } from './errors.ts';
import type { ClientSettings } from './options.ts';
import { retry } from './retry.ts';
import { anySignal, connectionErrorOf } from './transport.ts';

/** A file on its way from or to the storage. Its URL is a secret: errors tell of it by its name. */
export interface Transfer {
  /** What errors call it. */
  readonly what: string;
  /** Called for each attempt: a signed URL may have expired since the last. */
  readonly url: () => Promise<string>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a file, chunk by chunk.
 * @throws TransferError, ConnectionError
 */
export async function* readFromStorage(
  settings: ClientSettings,
  { what, url, signal: ofCall }: Transfer,
): AsyncGenerator<Uint8Array, void> {
  const signal = anySignal(settings.signal, ofCall);
  const { body } = await request(settings, what, await url(), {}, signal);
  if (!body) return;
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  try {
    for (;;) {
      const { done, value } = await chunks.next().catch((error: unknown) => {
        throw connectionErrorOf(error, `Reading ${what}`, signal);
      });
      if (done) return;
      yield value;
    }
  } finally {
    await body.cancel().catch(() => undefined);
  }
}

/**
 * Writes a file to disk, with the folders above it. It appears there when it is complete: what was there before stays
 * until then.
 * @throws TransferError, MaxRetryError, errors of the file system
 */
export async function downloadFile(
  settings: ClientSettings,
  transfer: Transfer,
  outputPath: string,
): Promise<void> {
  const folder = dirname(outputPath);
  await mkdir(folder, { recursive: true });
  const signal = anySignal(settings.signal, transfer.signal);
  const attempt = async () => {
    // A name of its own: that of the file may be as long as the file system allows.
    const partial = join(folder, `.${randomUUID()}.part`);
    try {
      const chunks = readFromStorage(settings, transfer);
      await pipeline(chunks, createWriteStream(partial, { flags: 'wx' }));
      await rename(partial, outputPath);
    } finally {
      await rm(partial, { force: true });
    }
  };
  await retry(attempt, settings.retry, settings.sleep, signal);
}

/** Writes a file to the storage. @throws TransferError, MaxRetryError */
export async function uploadFile(
  settings: ClientSettings,
  { what, url, signal: ofCall }: Transfer,
  content: Uint8Array<ArrayBuffer> | Blob,
): Promise<void> {
  const signal = anySignal(settings.signal, ofCall);
  const attempt = async () => {
    const target = await url();
    const init = { method: 'PUT', body: content, headers: encryptionHeaders(target, settings.s3SseKmsKey) };
    const response = await request(settings, what, target, init, signal);
    await response.body?.cancel();
  };
  await retry(attempt, settings.retry, settings.sleep, signal);
}

async function request(
  settings: ClientSettings,
  what: string,
  url: string,
  init: RequestInit,
  signal: AbortSignal | undefined,
): Promise<Response> {
  if (!URL.canParse(url)) throw new ApiWorkflowError(`The server gave no valid URL for ${what}.`);
  let response: Response;
  try {
    response = await settings.fetch(url, { ...init, ...(signal && { signal }) });
  } catch (error) {
    throw connectionErrorOf(error, `The transfer of ${what}`, signal);
  }
  if (response.ok) return response;
  await response.body?.cancel();
  throw new TransferError(`The transfer of ${what}`, response.status);
}

/** Only S3 knows them. As in the protocol's Python client: for URLs that have the bucket in their host. */
function encryptionHeaders(url: string, key: string | undefined): Record<string, string> {
  const isS3 = url.includes('.amazonaws.com/') && url.includes('.s3.');
  if (!key || !isS3) return {};
  if (key.toLowerCase() === 'true') return { 'x-amz-server-side-encryption': 'AES256' };
  return { 'x-amz-server-side-encryption': 'aws:kms', 'x-amz-server-side-encryption-aws-kms-key-id': key };
}
