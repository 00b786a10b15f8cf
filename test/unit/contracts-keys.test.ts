import { describe, expect, test } from '@jest/globals';
import {
  parseLandingKey,
  platformPrefix,
  thumbnailName,
  thumbnailNameWithExtension,
} from '#contracts/s3-keys';
import {
  pendingIndexKey,
  pendingUpperBound,
  RAW_SAMPLE_SHARDS,
  rawSampleKey,
  sampleSortKey,
} from '#contracts/table-keys';

describe('landing keys', () => {
  test.each([
    ['birds/a.jpg', 'birds', 'a.jpg'],
    ['My birds_2-b/deep/er/ä +%.png', 'My birds_2-b', 'deep/er/ä +%.png'],
    ['birds//a.jpg', 'birds', '/a.jpg'],
  ])('%s belongs to dataset %s', (key, datasetName, fileName) => {
    expect(parseLandingKey(key)).toEqual({ datasetName, fileName });
  });

  test.each([
    'a.jpg',
    'ab/a.jpg',
    '-birds/a.jpg',
    ' birds/a.jpg',
    'bírds/a.jpg',
    '/birds/a.jpg',
    'birds/',
    'birds/folder/',
    '',
  ])('%p is outside any dataset', (key) => {
    expect(parseLandingKey(key)).toBeUndefined();
  });
});

describe('thumbnail names', () => {
  test.each([
    ['a.jpg', '.lightly/thumbnails/a_thumb.webp'],
    ['deep/er/a.b.jpeg', '.lightly/thumbnails/deep/er/a.b_thumb.webp'],
    ['v1.2/photo', '.lightly/thumbnails/v1.2/photo_thumb.webp'],
    ['deep/.hidden', '.lightly/thumbnails/deep/.hidden_thumb.webp'],
  ])('%s', (fileName, thumbName) => {
    expect(thumbnailName(fileName)).toBe(thumbName);
  });

  test('a file that differs from another only in its extension has a name of its own', () => {
    expect(thumbnailName('a.png')).toBe(thumbnailName('a.jpg'));
    expect(thumbnailNameWithExtension('a.png')).not.toBe(thumbnailNameWithExtension('a.jpg'));
  });

  test.each([thumbnailName, thumbnailNameWithExtension])(
    'fit a key for the longest file name, %p',
    (name) => {
      const longest = `${'ü'.repeat(509)}.jpg`;
      const key = platformPrefix('0'.repeat(24)) + name(longest);
      expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1024);
      expect(key).not.toBe(platformPrefix('0'.repeat(24)) + name(`${'ä'.repeat(509)}.jpg`));
    },
  );
});

describe('table keys', () => {
  test('raw samples spread over all shards', () => {
    const partitions = new Set(
      Array.from({ length: 500 }, (_, index) => rawSampleKey('d', `photo-${index}.jpg`).pk),
    );
    expect(partitions.size).toBe(RAW_SAMPLE_SHARDS);
  });

  test('the bound of an instant includes what was registered at it, and nothing later', () => {
    const { gsi1sk } = pendingIndexKey('d', 'ÿ.jpg', 1_700_000_000_000);
    expect(gsi1sk <= pendingUpperBound(1_700_000_000_000)).toBe(true);
    expect(gsi1sk <= pendingUpperBound(1_699_999_999_999)).toBe(false);
  });

  test('index keys stay short for the longest file name', () => {
    const { gsi1sk } = pendingIndexKey('d', 'ü'.repeat(512), 1);
    expect(Buffer.byteLength(gsi1sk)).toBeLessThan(64);
  });

  test('samples sort by index', () => {
    expect([10, 9, 100, 1].map(sampleSortKey).sort()).toEqual([1, 9, 10, 100].map(sampleSortKey));
  });
});
