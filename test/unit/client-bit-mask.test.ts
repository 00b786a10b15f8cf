import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BitMask } from '../../client/index.ts';

const values = fc.bigInt({ min: 0n, max: 2n ** 200n });
const maskOf = (value: bigint): BitMask => BitMask.fromHex(`0x${value.toString(16)}`);
const hexOf = (value: bigint): string => `0x${value.toString(16)}`;

test('a mask is what it was made of', () => {
  fc.assert(
    fc.property(values, (value) => {
      expect(maskOf(value).toHex()).toBe(hexOf(value));
      expect(BitMask.fromIndices(maskOf(value).toIndices()).toHex()).toBe(hexOf(value));
    }),
  );
});

test('joining masks agrees with arithmetic on big integers', () => {
  fc.assert(
    fc.property(values, values, (one, other) => {
      expect(maskOf(one).union(maskOf(other)).toHex()).toBe(hexOf(one | other));
      expect(maskOf(one).intersection(maskOf(other)).toHex()).toBe(hexOf(one & other));
      expect(maskOf(one).difference(maskOf(other)).toHex()).toBe(hexOf(one & ~other));
      expect(maskOf(one).equals(maskOf(other))).toBe(one === other);
    }),
  );
});

test('joining masks leaves them as they are', () => {
  const mask = BitMask.fromHex('0x5');
  mask.union(BitMask.fromHex('0xa'));
  expect(mask.toHex()).toBe('0x5');
});

test('inverting agrees with arithmetic on big integers', () => {
  fc.assert(
    fc.property(values, fc.nat(250), (value, length) => {
      const all = 2n ** BigInt(length) - 1n;
      expect(maskOf(value).invert(length).toHex()).toBe(hexOf(all & ~value));
      expect(BitMask.fromLength(length).toHex()).toBe(hexOf(all));
    }),
  );
});

describe('samples', () => {
  test('are set and unset one by one', () => {
    const mask = BitMask.fromLength(0);
    mask.setKthBit(0);
    mask.setKthBit(70);
    mask.setKthBit(31);
    expect(mask.toIndices()).toEqual([0, 31, 70]);
    expect(mask.count).toBe(3);
    expect([mask.getKthBit(31), mask.getKthBit(32), mask.getKthBit(9_999)]).toEqual([true, false, false]);
    mask.unsetKthBit(31);
    mask.unsetKthBit(9_999);
    expect(mask.toHex()).toBe(hexOf(2n ** 70n + 1n));
  });

  test('of a mask are taken out of a list in its order', () => {
    expect(BitMask.fromHex('0x15').select(['a', 'b', 'c', 'd', 'e'])).toEqual(['a', 'c', 'e']);
  });

  test('that a list does not have are not passed over', () => {
    expect(() => BitMask.fromHex('0x15').select(['a', 'b'])).toThrow(
      'The mask holds the sample with index 4; the list has 2 entries.',
    );
  });

  test.each([-1, 0.5, Number.NaN])('have no index %d', (index) => {
    expect(() => BitMask.fromIndices([index])).toThrow(RangeError);
  });
});

test.each(['', '0x', '12', '0xg', '0x1 '])('%j is no mask', (text) => {
  expect(() => BitMask.fromHex(text)).toThrow(RangeError);
});

test('masks of a million samples cost no more than time in proportion', () => {
  const started = performance.now();
  const even = BitMask.fromIndices(Array.from({ length: 500_000 }, (_, index) => index * 2));
  const odd = even.invert(1_000_000);
  expect(BitMask.fromHex(even.union(odd).toHex()).count).toBe(1_000_000);
  expect(even.intersection(odd).toHex()).toBe('0x0');
  expect(odd.toIndices().at(-1)).toBe(999_999);
  // A second at most; setting bits of one big integer would take minutes.
  expect(performance.now() - started).toBeLessThan(5_000);
});
