import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeWords } from '../../functions/ingest/decode-words.ts';

const inBase64 = (bytes: Buffer) => `=?UTF-8?B?${bytes.toString('base64')}?=`;
const quoted = (bytes: Buffer) =>
  `=?utf-8?q?${[...bytes].map((byte) => `=${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('')}?=`;

describe('user metadata that is not ASCII', () => {
  test('is read as it was written, in either encoding and divided anywhere', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.nat(),
        fc.boolean(),
        (text, at, isQuoted) => {
          const bytes = Buffer.from(text);
          const encode = isQuoted ? quoted : inBase64;
          const end = at % (bytes.length + 1);
          expect(decodeWords(encode(bytes))).toBe(text);
          expect(decodeWords(`${encode(bytes.subarray(0, end))} ${encode(bytes.subarray(end))}`)).toBe(text);
        },
      ),
    );
  });

  test.each([
    ['plain text', 'plain text'],
    ['=?UTF-8?Q?gr=C3=BCn_und_rot?=', 'grün und rot'],
    ['left =?UTF-8?B?w7w=?= right', 'left ü right'],
    ['=?UTF-8?X?abc?=', '=?UTF-8?X?abc?='],
    ['=?iso-8859-1?Q?=FC?=', '=?iso-8859-1?Q?=FC?='],
    ['=?UTF-8?B?unfinished', '=?UTF-8?B?unfinished'],
  ])('%s', (text, expected) => {
    expect(decodeWords(text)).toBe(expected);
  });

  test('that is long and hostile takes no time', () => {
    const hostile = '=?utf-8?b?'.repeat(5_000);
    const started = performance.now();
    expect(decodeWords(hostile)).toBe(hostile);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
