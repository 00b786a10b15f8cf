import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  canonicalMask,
  differenceOfMasks,
  endOfMask,
  indexesOfMask,
  intersectionOfMasks,
  isWithinMask,
  maskOfIndexes,
  maskOfRange,
  sizeOfMask,
  unionOfMasks,
} from '#platform/tags/bit-mask';

test.each([
  [0, 0, '0x0'],
  [0, 1, '0x1'],
  [0, 4, '0xf'],
  [4, 6, '0x30'],
  [3, 9, '0x1f8'],
])('the least significant bit is index 0: %i to %i is %s', (from, to, mask) => {
  expect(maskOfRange(from, to)).toBe(mask);
});

test('a mask holds exactly the indexes of its range', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(300), (from, length) => {
      const expected = Array.from({ length }, (_, offset) => from + offset);
      expect([...indexesOfMask(maskOfRange(from, from + length))]).toEqual(expected);
    }),
  );
});

test('a mask agrees with arithmetic on big integers', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 200n }), (value) => {
      const sum = [...indexesOfMask(`0x${value.toString(16)}`)].reduce(
        (total, bit) => total + 2n ** BigInt(bit),
        0n,
      );
      expect(sum).toBe(value);
    }),
  );
});

const hexOf = (value: bigint): string => `0x${value.toString(16)}`;
const masks = fc.bigInt({ min: 0n, max: 2n ** 200n });

test('union, intersection and difference agree with arithmetic on big integers', () => {
  fc.assert(
    fc.property(masks, masks, (a, b) => {
      expect(unionOfMasks(hexOf(a), hexOf(b))).toBe(hexOf(a | b));
      expect(intersectionOfMasks(hexOf(a), hexOf(b))).toBe(hexOf(a & b));
      expect(differenceOfMasks(hexOf(a), hexOf(b))).toBe(hexOf(a & ~b));
      expect(isWithinMask(hexOf(a), hexOf(b))).toBe((a & b) === a);
      expect(isWithinMask(hexOf(a & b), hexOf(b))).toBe(true);
    }),
  );
});

test('size and end of a mask agree with its indexes, whatever zeros lead it', () => {
  fc.assert(
    fc.property(masks, fc.nat(9), (value, zeros) => {
      const mask = `0x${'0'.repeat(zeros)}${value.toString(16)}`;
      const indexes = [...indexesOfMask(mask)];
      expect(sizeOfMask(mask)).toBe(indexes.length);
      expect(endOfMask(mask)).toBe((indexes.at(-1) ?? -1) + 1);
      expect(canonicalMask(mask)).toBe(hexOf(value));
      expect(maskOfIndexes(indexes.reverse(), endOfMask(mask))).toBe(hexOf(value));
    }),
  );
});

test('a mask of ten million samples costs no more than time in proportion', () => {
  const started = performance.now();
  const mask = maskOfRange(1, 10_000_000);
  expect(sizeOfMask(unionOfMasks(mask, '0x1'))).toBe(10_000_000);
  expect(differenceOfMasks(unionOfMasks(mask, '0x1'), mask)).toBe('0x1');
  // A big integer would take minutes.
  expect(performance.now() - started).toBeLessThan(10_000);
});
