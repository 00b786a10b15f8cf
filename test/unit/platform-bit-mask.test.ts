import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { indexesOfMask, maskOfRange } from '#platform/tags/bit-mask';

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
