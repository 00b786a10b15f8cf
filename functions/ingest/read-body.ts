import type { Readable } from 'node:stream';
import { DatasourceError, RetryableError } from '#contracts/errors';

/**
 * Reads a body of known length into one buffer, never more than `size` bytes.
 * @throws DatasourceError that ended the body; RetryableError where the body is not of that length or breaks off
 */
export async function readBody(body: Readable, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(size);
  let filled = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      if (filled + chunk.length > size) break;
      bytes.set(chunk, filled);
      filled += chunk.length;
    }
  } catch (cause) {
    if (cause instanceof DatasourceError) throw cause;
    throw new RetryableError('DOWNLOAD_BROKE_OFF', `The download broke off after ${filled} bytes.`, {
      cause,
    });
  }
  if (filled !== size) {
    throw new RetryableError('DOWNLOAD_INCOMPLETE', `The object has ${size} bytes, its body has not.`);
  }
  return bytes;
}
