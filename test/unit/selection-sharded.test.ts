import { describe, expect, test } from '@jest/globals';
import type { SelectionConfig, SelectionEntry } from '#contracts/selection-config';
import { select } from '#selection/select';
import {
  planShards,
  type SelectShard,
  selectInShards,
  selectShard,
  shardOf,
} from '#selection/sharded-selection';
import { photoLikeEmbeddings } from '../../bench/synthetic-embeddings.ts';
import { euclideanDistance } from '../support/selection-candidates.ts';
import { diversity, indexes, random, threshold } from '../support/selection-entries.ts';

const candidates = photoLikeEmbeddings({ count: 2000, dimension: 32, seed: 21 }).map((embedding, index) => ({
  fileName: `photo-${index}.jpg`,
  embedding,
  metadata: { value: index },
}));
const names = candidates.map(({ fileName }) => fileName);
const asking = (nSamples: number, ...strategies: SelectionEntry[]): SelectionConfig => ({
  nSamples,
  strategies,
});
const requestOf = (config: SelectionConfig) => ({ config, candidates, preselected: [] });

const coverOf = (chosen: readonly number[]): number =>
  Math.max(
    ...candidates.map(({ embedding }) =>
      Math.min(...chosen.map((index) => euclideanDistance(embedding, candidates[index]!.embedding))),
    ),
  );

describe('shards', () => {
  test('a file name is in the same shard whatever else there is, and shards are of about one size', () => {
    expect([shardOf('a.jpg', 4), shardOf('b.jpg', 4), shardOf('a.jpg', 7)]).toEqual([2, 0, 1]);
    const sizes = [0, 1, 2, 3].map((shard) => names.filter((name) => shardOf(name, 4) === shard).length);
    for (const size of sizes) expect(Math.abs(size - 500)).toBeLessThan(100);
  });

  test('each gives twice its share, or more where that is few, and never more than it has', () => {
    const counts = (nSamples: number) =>
      planShards(asking(nSamples, diversity()), names, 4).map(({ config }) => config.nSamples!);
    for (const count of counts(400)) expect(Math.abs(count - 200)).toBeLessThan(40);
    for (const count of counts(4)) expect(count).toBeGreaterThanOrEqual(4);
    expect(counts(4000).reduce((sum, count) => sum + count)).toBe(2000);
  });

  test('a proportion is one of all candidates', () => {
    const tasks = planShards({ proportionSamples: 0.1, strategies: [diversity()] }, names, 2);
    for (const { config } of tasks) {
      expect(config.proportionSamples).toBeUndefined();
      expect(Math.abs(config.nSamples! - 200)).toBeLessThan(20);
    }
  });
});

describe('two rounds', () => {
  test('choose as many, nearly as far apart and nearly as close to all as one round', async () => {
    const config = asking(100, diversity());
    const one = await select(requestOf(config));
    const two = await selectInShards(requestOf(config), 5);
    expect(new Set(indexes(two)).size).toBe(100);
    expect(two.stoppedBy).toBe('count');
    expect(coverOf(indexes(two))).toBeLessThan(1.2 * coverOf(indexes(one)));
    expect(two.chosen.at(-1)!.distance!).toBeGreaterThan(0.85 * one.chosen.at(-1)!.distance!);
  });

  test('choose the same as one round where each candidate has its own score', async () => {
    const config = asking(150, random(7));
    const two = await selectInShards(requestOf(config), 8);
    expect(indexes(two)).toEqual(indexes(await select(requestOf(config))));
  });

  test('keep thresholds, and say of every candidate that failed one why', async () => {
    const config = asking(50, threshold('value', 'BIGGER', 999), diversity());
    const one = await select(requestOf(config));
    const two = await selectInShards(requestOf(config), 3);
    expect(Math.min(...indexes(two))).toBeGreaterThan(999);
    expect(two.filteredOut).toEqual(one.filteredOut);
  });

  test('keep a minimum distance, also to the datapool', async () => {
    const apart: SelectionEntry = {
      input: { type: 'EMBEDDINGS' },
      strategy: { type: 'DIVERSITY', stopping_condition_minimum_distance: 0.9 },
    };
    const preselected = candidates.slice(0, 5);
    const two = await selectInShards({ ...requestOf(asking(2000, apart)), preselected }, 4);
    expect(two.stoppedBy).toBe('distance');
    const kept = [...preselected, ...indexes(two).map((index) => candidates[index]!)];
    kept.forEach(({ embedding }, at) => {
      for (const other of kept.slice(Math.max(5, at + 1))) {
        expect(euclideanDistance(embedding, other.embedding)).toBeGreaterThanOrEqual(Math.fround(0.9));
      }
    });
  });

  test('take all where all are asked for', async () => {
    const two = await selectInShards(requestOf(asking(5000, diversity())), 3);
    expect(new Set(indexes(two)).size).toBe(2000);
    expect(two.stoppedBy).toBe('candidates');
  });

  test('come out the same where shards are worked on elsewhere and answer in JSON', async () => {
    const config = asking(60, diversity());
    const elsewhere: SelectShard = async (task, facts) =>
      JSON.parse(JSON.stringify(await selectShard(JSON.parse(JSON.stringify(task)), facts)));
    const shares: number[] = [];
    const onProgress = (share: number) => void shares.push(share);
    const far = await selectInShards({ ...requestOf(config), onProgress }, 4, elsewhere);
    expect(far).toEqual(await selectInShards(requestOf(config), 4));
    expect(shares).toEqual([0.2, 0.4, 0.6, 0.8]);
  });
});
