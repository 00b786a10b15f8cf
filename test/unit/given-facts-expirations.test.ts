import { describe, expect, test } from '@jest/globals';
import { expiryDateIn, imagesExpiringWithin } from '#platform/given-facts/object-expirations';
import { newId, someRawSample } from '../support/documents.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const AT = Date.UTC(2026, 0, 1);

describe('the header that tells when S3 deletes an object', () => {
  test.each([
    ['expiry-date="Fri, 21 Dec 2012 00:00:00 GMT", rule-id="old images"', Date.UTC(2012, 11, 21)],
    ['rule-id="a, expiry, b", expiry-date="Sun, 01 Feb 2026 00:00:00 GMT"', Date.UTC(2026, 1, 1)],
    ['rule-id="x-expiry-date=1"', undefined],
    ['expiry-date="some day"', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s', (header, expected) => {
    expect(expiryDateIn(header)).toBe(expected);
  });
});

describe('images that expire', () => {
  const days: Readonly<Record<string, number | undefined>> = {
    a: 3,
    b: 2.99,
    c: 0,
    d: undefined,
    e: 100,
    f: -1,
  };
  const candidates = Object.keys(days).map((fileName) =>
    someRawSample({ datasetId: newId(), fileName, key: fileName }),
  );
  const expiring = async (within: number) => {
    const shares: number[] = [];
    const found = await imagesExpiringWithin(
      within,
      {
        candidates,
        at: AT,
        onLook: async (share) => {
          shares.push(share);
        },
      },
      async ({ key }) => {
        const left = days[key];
        return left === undefined ? undefined : AT + left * DAY_MS;
      },
    );
    expect(shares.at(-1)).toBe(1);
    return found.map(({ fileName }) => fileName);
  };

  test('are those with fewer days left, the first one first', async () => {
    expect(await expiring(3)).toEqual(['f', 'c', 'b']);
    expect(await expiring(365)).toEqual(['f', 'c', 'b', 'a', 'e']);
  });

  test('within no days are those that should be gone already', async () => {
    expect(await expiring(0)).toEqual(['f']);
  });
});
