import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';

export interface Digest {
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** A stream that lets bytes pass and knows, once they all have, how many they were and their hash. */
export interface DigestStream {
  readonly stream: Transform;
  /** Call it after the stream has ended. */
  readonly digest: () => Digest;
}

/** @param refuse - Looks at the digest before the end is passed on; the error that it returns fails the stream. */
export function digestStream(refuse: (digest: Digest) => Error | undefined = () => undefined): DigestStream {
  const hash = createHash('sha256');
  let digest: Digest = { bytes: 0, sha256: '' };
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, pass) {
      digest = { ...digest, bytes: digest.bytes + chunk.length };
      hash.update(chunk);
      pass(null, chunk);
    },
    flush(end) {
      digest = { ...digest, sha256: hash.digest('hex') };
      end(refuse(digest) ?? null);
    },
  });
  return { stream, digest: () => digest };
}

/** Reads everything and keeps nothing but the digest. */
export async function digestOf(chunks: AsyncIterable<Buffer>): Promise<Digest> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    hash.update(chunk);
  }
  return { bytes, sha256: hash.digest('hex') };
}
