/**
 * Bit masks of tags: `0x` and hex, the least significant bit is sample index 0. A mask of a million samples has
 * 250,000 characters: all of this takes time in proportion to that, and works on the bytes that the text stands for.
 * What is made here has no leading zeros, so equal sets are equal texts.
 */

export const EMPTY_MASK = '0x0';

/** The mask of the indexes from `from` (inclusive) to `to` (exclusive). */
export function maskOfRange(from: number, to: number): string {
  const bytes = new Uint8Array(Math.ceil(Math.max(to, 1) / 8));
  // Little-endian while it is made: byte 0 holds the indexes 0 to 7.
  for (let index = from; index < to; ) {
    const isWholeByte = index % 8 === 0 && index + 8 <= to;
    const byte = Math.floor(index / 8);
    bytes[byte] = isWholeByte ? 0xff : (bytes[byte] ?? 0) | (1 << (index % 8));
    index += isWholeByte ? 8 : 1;
  }
  return toMask(bytes.reverse());
}

/** The mask of indexes in any order. `size` is greater than all of them. */
export function maskOfIndexes(indexes: Iterable<number>, size: number): string {
  const bytes = new Uint8Array(Math.ceil(Math.max(size, 1) / 8));
  for (const index of indexes) {
    const byte = bytes.length - 1 - Math.floor(index / 8);
    bytes[byte] = (bytes[byte] ?? 0) | (1 << (index % 8));
  }
  return toMask(bytes);
}

/** The indexes whose bit is set, ascending. */
export function* indexesOfMask(mask: string): Generator<number> {
  for (let digit = mask.length - 1, base = 0; digit >= 2; digit--, base += 4) {
    const value = Number.parseInt(mask.charAt(digit), 16);
    for (let bit = 0; bit < 4; bit++) if (value & (1 << bit)) yield base + bit;
  }
}

/** True where the mask has the index. */
export function hasIndex(mask: string, index: number): boolean {
  const digit = mask.length - 1 - Math.floor(index / 4);
  return digit >= 2 && (Number.parseInt(mask.charAt(digit), 16) & (1 << (index % 4))) !== 0;
}

/** The same set without leading zeros. */
export function canonicalMask(mask: string): string {
  let first = 2;
  while (first < mask.length - 1 && mask.charAt(first) === '0') first += 1;
  return first === 2 ? mask : `0x${mask.slice(first)}`;
}

/** Number of indexes in the mask. */
export function sizeOfMask(mask: string): number {
  let size = 0;
  for (const byte of toBytes(mask)) size += BITS_OF_BYTE[byte] ?? 0;
  return size;
}

/** The least number that is greater than every index in the mask; 0 where it is empty. */
export function endOfMask(mask: string): number {
  const digits = canonicalMask(mask).slice(2);
  const highest = Number.parseInt(digits.charAt(0), 16);
  return highest === 0 ? 0 : (digits.length - 1) * 4 + (32 - Math.clz32(highest));
}

/** Indexes in either mask. */
export const unionOfMasks = (a: string, b: string): string => combine(a, b, (left, right) => left | right);
/** Indexes in both masks. */
export const intersectionOfMasks = (a: string, b: string): string =>
  combine(a, b, (left, right) => left & right);
/** Indexes in the first mask that are not in the second. */
export const differenceOfMasks = (a: string, b: string): string =>
  combine(a, b, (left, right) => left & ~right);

/** True where every index of the first mask is in the second. */
export const isWithinMask = (part: string, whole: string): boolean =>
  differenceOfMasks(part, whole) === EMPTY_MASK;

const BITS_OF_BYTE = Uint8Array.from(
  { length: 256 },
  (_, byte) => byte.toString(2).replaceAll('0', '').length,
);

function combine(a: string, b: string, operation: (left: number, right: number) => number): string {
  const length = Math.max(a.length, b.length) - 2;
  const left = toBytes(a, length);
  const right = toBytes(b, length);
  for (let at = 0; at < left.length; at++) left[at] = operation(left[at] ?? 0, right[at] ?? 0);
  return toMask(left);
}

/** Big-endian, of at least `digits` hex digits. */
function toBytes(mask: string, digits = mask.length - 2): Uint8Array {
  const even = digits + (digits % 2);
  return Buffer.from(mask.slice(2).padStart(even, '0'), 'hex');
}

const toMask = (bytes: Uint8Array): string => canonicalMask(`0x${Buffer.from(bytes).toString('hex')}`);
