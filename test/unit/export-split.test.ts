import { describe, expect, test } from '@jest/globals';
import { parseWith } from '#contracts/schema';
import { datasetSettings, SPLIT_SIDES, splitSettings } from '#contracts/settings';
import { exportedFormats } from '#platform/exports/exported-formats';
import { splitSide } from '#platform/exports/split-side';

const SPLIT = splitSettings.parse({ train: 0.7, validation: 0.2, test: 0.1 });
const sideOf = (fileName: string, representative?: string, split = SPLIT) =>
  splitSide(
    {
      fileName,
      ...(representative !== undefined && { group: { id: 'a'.repeat(24), representative } }),
    },
    split,
  );
const NAMES = Array.from({ length: 20_000 }, (_, index) => `cameras/${index}.jpg`);

describe('the side of a sample', () => {
  test('members of a group are on one side, whatever they are called', () => {
    for (const representative of NAMES.slice(0, 200)) {
      const sides = NAMES.slice(0, 50).map((name) => sideOf(name, representative));
      expect(new Set(sides).size).toBe(1);
    }
  });

  test('a sample that was alone stays where it was when others join it', () => {
    for (const name of NAMES.slice(0, 1_000)) expect(sideOf(name, name)).toBe(sideOf(name));
  });

  test('shares are those of the settings', () => {
    const sides = NAMES.map((name) => sideOf(name));
    const shareOf = (side: string): number => sides.filter((each) => each === side).length / sides.length;
    // Three standard deviations of 20,000 throws are about 0.01.
    expect(shareOf('train')).toBeCloseTo(0.7, 1.7);
    expect(shareOf('validation')).toBeCloseTo(0.2, 1.7);
    expect(shareOf('test')).toBeCloseTo(0.1, 1.7);
  });

  test('is the same in every version of Winnow and on every machine', () => {
    expect(
      NAMES.slice(0, 12)
        .map((name) => sideOf(name))
        .join(' '),
    ).toBe('train train train train train train train test validation test validation validation');
  });

  test('another seed is another division', () => {
    const other = { ...SPLIT, seed: 1 };
    const moved = NAMES.slice(0, 1_000).filter((name) => sideOf(name) !== sideOf(name, undefined, other));
    expect(moved.length).toBeGreaterThan(300);
  });

  test('a side without a share is empty, and shares that round are no gap', () => {
    const thirds = splitSettings.parse({ train: 1 / 3, validation: 2 / 3 });
    expect(new Set(NAMES.map((name) => sideOf(name, undefined, thirds)))).toEqual(
      new Set(['train', 'validation']),
    );
    const all = splitSettings.parse({ test: 1 });
    expect(new Set(NAMES.map((name) => sideOf(name, undefined, all)))).toEqual(new Set(['test']));
  });

  test('a larger share of training only takes from the other sides', () => {
    const larger = splitSettings.parse({ train: 0.8, validation: 0.1, test: 0.1 });
    const left = NAMES.filter(
      (name) => sideOf(name) === 'train' && sideOf(name, undefined, larger) !== 'train',
    );
    expect(left).toEqual([]);
  });
});

describe('settings of the split', () => {
  const parse = (split: unknown) => parseWith(datasetSettings, { exports: { split } }, 'Settings');

  test('shares add up to 1 as people write them', () => {
    expect(parse({ train: 0.7, validation: 0.2, test: 0.1 }).exports.split).toEqual({
      ...{ train: 0.7, validation: 0.2, test: 0.1 },
      seed: 0,
    });
  });

  test.each([
    [{ train: 0.7, validation: 0.2 }, /exports\.split.*add up to 1/],
    [{}, /exports\.split.*add up to 1/],
    [{ train: 1.2, test: -0.2 }, /exports\.split\.train/],
    [{ training: 1 }, /exports\.split.*training/],
  ])('%j is refused, naming the field', (split, message) => {
    expect(() => parse(split)).toThrow(message);
  });

  test('names of each side are written where names are, and only where samples are divided', () => {
    const formats = ['csv', 'filenames'] as const;
    const ofSides = SPLIT_SIDES.map((side) => `filenames-${side}`);
    expect(exportedFormats({ formats: [...formats], split: SPLIT })).toEqual([...formats, ...ofSides]);
    expect(exportedFormats({ formats: [...formats], split: undefined })).toEqual(formats);
    expect(exportedFormats({ formats: ['coco'], split: SPLIT })).toEqual(['coco']);
  });
});
