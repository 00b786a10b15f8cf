import { describe, expect, test } from '@jest/globals';
import { parseSelect } from '../../cli/commands/demo.ts';

const strategies = ['DIVERSITY', 'TYPICALITY'].map((type) => ({
  input: { type: 'EMBEDDINGS' },
  strategy: { type },
}));

describe('--select', () => {
  test.each([
    ['1', 1],
    ['50', 50],
    [' 50 ', 50],
    ['50.0', 50],
    ['1000000', 1_000_000],
  ])('%j is a number of images', (text, nSamples) => {
    expect(parseSelect(text)).toEqual({ nSamples, strategies });
  });

  test.each([
    ['10%', 0.1],
    ['100%', 1],
    ['0.5%', 0.005],
    ['12.5%', 0.125],
  ])('%j is a share of the images', (text, proportionSamples) => {
    expect(parseSelect(text)).toEqual({ proportionSamples, strategies });
  });

  test.each([
    '',
    '0',
    '0%',
    '-5',
    '2.5',
    '101%',
    '1e3',
    '10 %',
    '%',
    'ten',
    '5 images',
    '0x10',
    '٣',
    'NaN',
    '9'.repeat(400),
  ])('%j is refused with both forms that are allowed', (text) => {
    expect(() => parseSelect(text)).toThrow(/whole number above 0, such as 50, .* percentage up to 100%/);
  });
});
