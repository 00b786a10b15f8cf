import { createHash } from 'node:crypto';

/** Random numbers that follow from what they are for, so that every machine draws the same. */
export interface SeededRandom {
  /** At least 0, less than 1; 32 bits. */
  next(): number;
  /** From `low` up to `high`. */
  between(low: number, high: number): number;
  /** A whole number from 0 to below `count`. */
  below(count: number): number;
}

const WORDS_PER_DIGEST = 8;

/** SHA-256 in counter mode over what is named by `parts`. */
export function seededRandom(...parts: readonly (string | number)[]): SeededRandom {
  const key = JSON.stringify(parts);
  let digest = Buffer.alloc(0);
  let drawn = 0;
  const next = (): number => {
    const word = drawn % WORDS_PER_DIGEST;
    if (word === 0) digest = createHash('sha256').update(`${key}:${drawn}`).digest();
    drawn += 1;
    return digest.readUInt32LE(word * 4) / 2 ** 32;
  };
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    below: (count) => Math.floor(next() * count),
  };
}

/** A random order of `0 … count - 1` (Fisher and Yates). */
export function shuffledOrder(count: number, random: SeededRandom): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = random.below(last + 1);
    const swapped = order[last] as number;
    order[last] = order[other] as number;
    order[other] = swapped;
  }
  return order;
}
