import { describe, expect, test } from '@jest/globals';
import type { SelectionConfig } from '#contracts/selection-config';
import { neededFacts } from '#selection/needed-facts';

const NOTHING = { tasks: [], scores: [], usesCustomMetadata: false, cropTasks: [], queries: [] };

const needs = (strategies: SelectionConfig['strategies'], rest: Partial<SelectionConfig> = {}) =>
  neededFacts({ nSamples: 1, strategies, ...rest });

describe('the facts that a selection needs', () => {
  test('embeddings, computed metadata and random numbers need none', () => {
    expect(
      needs([
        { input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } },
        { input: { type: 'METADATA', key: 'lightly.snr' }, strategy: { type: 'WEIGHTS' } },
        { input: { type: 'METADATA', key: 'object.tags.rain' }, strategy: { type: 'WEIGHTS' } },
        { input: { type: 'METADATA', key: 'object.metadata.site' }, strategy: { type: 'WEIGHTS' } },
        { input: { type: 'RANDOM' }, strategy: { type: 'WEIGHTS' } },
      ]),
    ).toEqual(NOTHING);
  });

  test('predictions, scores, crops and queries are named once each', () => {
    const datasetId = '0'.repeat(24);
    const query = { type: 'EMBEDDINGS', datasetId, tagName: 'query' } as const;
    const balance = { type: 'BALANCE', distribution: 'UNIFORM' } as const;
    const cars = { type: 'PREDICTIONS', task: 'cars', name: 'CATEGORY_COUNT' } as const;
    expect(
      needs(
        [
          { input: cars, strategy: balance },
          { input: { ...cars, name: 'CLASS_DISTRIBUTION' }, strategy: balance },
          { input: { type: 'SCORES', task: 'weather', score: 'entropy' }, strategy: { type: 'WEIGHTS' } },
          { input: { type: 'EMBEDDINGS', task: 'signs' }, strategy: { type: 'DIVERSITY' } },
          { input: { type: 'EMBEDDINGS', task: 'tiles' }, strategy: { type: 'DIVERSITY' } },
          { input: query, strategy: { type: 'SIMILARITY' } },
          { input: query, strategy: { type: 'SIMILARITY', strength: 2 } },
        ],
        { autoTasks: [{ type: 'TILING', name: 'tiles', numRows: 2, numCols: 2, overlap: 0 }] },
      ),
    ).toEqual({
      tasks: ['cars', 'weather', 'signs'],
      scores: [{ task: 'weather', score: 'entropy' }],
      usesCustomMetadata: false,
      cropTasks: ['signs', 'tiles'],
      queries: [{ datasetId, tagName: 'query' }],
    });
  });

  test('a key is custom metadata unless a named group of the path answers to it', () => {
    const city = {
      input: { type: 'METADATA', key: 'city' },
      strategy: { type: 'BALANCE', distribution: 'UNIFORM' },
    } as const;
    expect(needs([city]).usesCustomMetadata).toBe(true);
    expect(needs([city], { lightlyPathRegex: '^(?<city>[^/]+)/' }).usesCustomMetadata).toBe(false);
    expect(needs([city], { lightlyPathRegex: '^(?P<city>[^/]+)/' }).usesCustomMetadata).toBe(false);
    expect(needs([city], { lightlyPathRegex: '^(?<town>[^/]+)/' }).usesCustomMetadata).toBe(true);
    const escaped = { lightlyPathRegex: '^(?<town>[^/]+)/[(?<city>]' };
    expect(needs([city], escaped).usesCustomMetadata).toBe(true);
  });

  test('a strength of 0 needs nothing', () => {
    const input = { type: 'SCORES', task: 'cars', score: 'entropy' } as const;
    expect(needs([{ input, strategy: { type: 'WEIGHTS', strength: 0 } }])).toEqual(NOTHING);
  });
});
