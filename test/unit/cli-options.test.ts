import { describe, expect, test } from '@jest/globals';
import { InvalidArgumentError } from 'commander';
import { imageSize } from '../../cli/commands/upload.ts';
import { duration, fraction, wholeNumber } from '../../cli/option-values.ts';

describe.each([
  { what: 'a time', read: duration, given: { '90': 90, '15m': 900, '12h': 43_200, '7d': 604_800 } },
  { what: 'a whole number', read: wholeNumber, given: { '1': 1, '0012': 12 } },
  { what: 'a fraction', read: fraction, given: { '0.1': 0.1, '.5': 0.5, '1': 1 } },
  { what: 'a size', read: imageSize, given: { '1024': 1024, '640x480': [640, 480] } },
])('$what', ({ read, given }) => {
  test('is read', () => {
    for (const [text, value] of Object.entries(given)) expect(read(text)).toEqual(value);
  });
  test.each(['', '0', '-1', '1e', 'ten', '1 2', '0x0', 'Infinity', '9'.repeat(30), '0d'])(
    'is not %j',
    (text) => {
      expect(() => read(text)).toThrow(InvalidArgumentError);
    },
  );
});
