import { describe, expect, test } from '@jest/globals';
import { select } from '#selection/select';
import { uniformEmbeddings } from '../../bench/synthetic-embeddings.ts';
import { diversity } from '../support/selection-entries.ts';

describe('a long selection', () => {
  const config = { nSamples: 2000, strategies: [diversity(1)] };
  const candidates = uniformEmbeddings({ count: 8000, dimension: 96, seed: 3 }).map((embedding, index) => ({
    fileName: `${index}`,
    embedding,
    metadata: {},
  }));
  const preselected = uniformEmbeddings({ count: 1000, dimension: 96, seed: 4 }).map((embedding) => ({
    fileName: '',
    embedding,
    metadata: {},
  }));

  test('reports rising shares and lets other work run in between', async () => {
    const shares: number[] = [];
    let turns = 0;
    let isOver = false;
    const otherWork = (): void => {
      turns++;
      if (!isOver) setImmediate(otherWork);
    };
    setImmediate(otherWork);
    const onProgress = (share: number) => void shares.push(share);
    await select({ config, candidates, preselected, onProgress });
    isOver = true;
    expect(shares.length).toBeGreaterThan(2);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.every((share) => share > 0 && share <= 1)).toBe(true);
    expect(turns).toBeGreaterThanOrEqual(shares.length);
  });

  test('ends with the error that its listener rejects with', async () => {
    const stop = new Error('canceled');
    const onProgress = async () => {
      throw stop;
    };
    await expect(select({ config, candidates, preselected, onProgress })).rejects.toBe(stop);
  });
});
