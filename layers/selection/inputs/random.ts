import { createHash } from 'node:crypto';

/** Bits of the hash that are used: all of them fit a float64 exactly. */
const BITS = 48;

/**
 * A number above 0 and up to 1 that looks random and depends on nothing but the seed and the file name: neither on
 * the order of the candidates nor on which others there are.
 */
export function randomValue(seed: number, fileName: string): number {
  const digest = createHash('sha256').update(`${seed}\n${fileName}`).digest();
  return (digest.readUIntBE(0, BITS / 8) + 1) / 2 ** BITS;
}
