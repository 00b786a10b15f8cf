import { describe, expect, test } from '@jest/globals';
import type { DatasetStore } from '#platform/datasets/datasets';
import { datasetCache } from '../../functions/ingest/dataset-cache.ts';

const buckets = { landing: 'landing', platform: 'platform' };
const id = 'a'.repeat(24);

function cacheOverStore() {
  const clock = { now: 1_000 };
  const reads: string[] = [];
  const ensure: DatasetStore['ensure'] = async (name, make) => {
    reads.push(name);
    return make(id);
  };
  return { clock, reads, dataset: datasetCache({ ensure }, buckets, () => clock.now) };
}

describe('datasets of a process that ingests', () => {
  test('are made with their places in the buckets', async () => {
    const { dataset } = cacheOverStore();
    expect(await dataset('shoes')).toMatchObject({
      ...{ id, name: 'shoes', createdAt: 1_000 },
      inputDatasource: { bucket: 'landing', prefix: 'shoes/' },
      lightlyDatasource: { bucket: 'platform', prefix: `datasets/${id}/` },
    });
  });

  test('are read once in five seconds, each by its name', async () => {
    const { dataset, reads, clock } = cacheOverStore();
    await dataset('shoes');
    await dataset('hats');
    clock.now += 4_999;
    await dataset('shoes');
    expect(reads).toEqual(['shoes', 'hats']);
    clock.now += 1;
    await dataset('shoes');
    expect(reads).toEqual(['shoes', 'hats', 'shoes']);
  });
});
