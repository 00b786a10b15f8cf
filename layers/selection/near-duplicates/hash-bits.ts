/** 64-bit perceptual hashes, two words each, so that a comparison takes a few instructions. */
export type HashBits = Int32Array;

/** @param hashes - 16 hex characters each */
export function hashBits(hashes: readonly string[]): HashBits {
  const words = new Int32Array(hashes.length * 2);
  hashes.forEach((hash, at) => {
    words[at * 2] = Number.parseInt(hash.slice(0, 8), 16);
    words[at * 2 + 1] = Number.parseInt(hash.slice(8), 16);
  });
  return words;
}

/** Number of bits, 0 to 64, in which the hashes at two positions differ. */
export const differentBits = (words: HashBits, a: number, b: number): number =>
  bitsSet((words[a * 2] as number) ^ (words[b * 2] as number)) +
  bitsSet((words[a * 2 + 1] as number) ^ (words[b * 2 + 1] as number));

/** Adds up neighbouring fields of 1, 2 and 4 bits, then the four bytes. */
function bitsSet(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
