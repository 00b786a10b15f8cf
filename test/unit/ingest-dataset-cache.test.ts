import { describe, expect, test } from '@jest/globals';
import type { Dataset } from '#contracts/items';
import type { DatasetStore } from '#platform/datasets/datasets';
import { datasetCache } from '../../functions/ingest/dataset-cache.ts';

const buckets = { landing: 'landing', platform: 'platform' };
const id = 'a'.repeat(24);

function cacheOverStore(nameReleasedAt: DatasetStore['nameReleasedAt'] = async () => undefined) {
  const clock = { now: 1_000 };
  const reads: string[] = [];
  const ensure: DatasetStore['ensure'] = async (name, make) => {
    reads.push(name);
    return make(id);
  };
  return { clock, reads, dataset: datasetCache({ ensure, nameReleasedAt }, buckets, () => clock.now) };
}

describe('datasets of a process that ingests', () => {
  test('are made with their places in the buckets', async () => {
    const { dataset } = cacheOverStore();
    expect(await dataset('shoes')).toMatchObject({
      ...{ id, name: 'shoes', createdAt: 1_000 },
      landingFolder: { bucket: 'landing', prefix: 'shoes/' },
      platformFolder: { bucket: 'platform', prefix: `datasets/${id}/` },
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

  test('are not made for an image that a deleted dataset of the name left behind', async () => {
    const { dataset, reads } = cacheOverStore(async () => 500);
    expect(await dataset('shoes', 500)).toBeUndefined();
    expect(reads).toEqual([]);
    expect(await dataset('shoes', 501)).toMatchObject({ name: 'shoes' });
  });

  test('do not take images that an earlier dataset of the name left behind', async () => {
    const store = {
      ensure: async (_name: string, make: (id: string) => Dataset) => ({
        ...make(id),
        landingSince: 700,
      }),
      nameReleasedAt: async () => undefined,
    };
    const dataset = datasetCache(store, buckets, () => 1_000);
    expect(await dataset('shoes', 700)).toBeUndefined();
    expect(await dataset('shoes', 701)).toMatchObject({ landingSince: 700 });
  });
});
