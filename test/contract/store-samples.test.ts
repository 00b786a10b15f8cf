import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { objectStore } from '#aws/s3-objects';
import { sampleStore } from '#aws/sample-store';
import { getItem, putItem } from '#aws/table';
import { tagStore } from '#aws/tag-store';
import { tagMaskKey } from '#contracts/s3-keys';
import { sampleKey, tagKey } from '#contracts/table-keys';
import { maskOfRange } from '#platform/tags/bit-mask';
import {
  type StorageServer,
  startStorageServer,
  startTableServer,
  type TableServer,
} from '../support/aws-servers.ts';
import { collect, newId, race, someSample, someTag } from '../support/documents.ts';

let server: TableServer;
let storage: StorageServer;
beforeAll(async () => {
  [server, storage] = await Promise.all([startTableServer(), startStorageServer()]);
});
afterAll(() => Promise.all([server.stop(), storage.stop()]));

describe('samples', () => {
  const store = () => sampleStore(server.table);

  test('come back by index, ascending, beyond a page of 1 MB', async () => {
    const datasetId = newId();
    const samples = Array.from({ length: 700 }, (_, index) => someSample(datasetId, index));
    await store().put(samples);
    const embeddingBytes = samples.length * 4 * samples[0]!.facts.embedding.length;
    expect(embeddingBytes).toBeGreaterThan(700_000);
    expect(await collect(store().range(datasetId, 0, 700))).toEqual(samples);
    expect(await collect(store().range(datasetId, 99, 102))).toEqual(samples.slice(99, 102));
    expect(await collect(store().range(datasetId, 698, 5_000))).toEqual(samples.slice(698));
    expect(await collect(store().range(datasetId, 5, 5))).toEqual([]);
  });

  test('written again are the same, and refreshed in place', async () => {
    const datasetId = newId();
    const samples = [someSample(datasetId, 0), someSample(datasetId, 1)];
    await store().put(samples);
    await store().put(samples);
    expect(await collect(store().range(datasetId, 0, 10))).toEqual(samples);
    const refreshed = { ...samples[1]!, eTag: 'e2' };
    await store().put([refreshed]);
    expect(await collect(store().range(datasetId, 0, 10))).toEqual([samples[0], refreshed]);
    await store().put([]);
  });

  test('that are not valid are refused, and one that can not be read is named', async () => {
    const datasetId = newId();
    const wrong = { ...someSample(datasetId, 0), index: -1 };
    await expect(store().put([wrong])).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await putItem(server.table, { ...sampleKey(datasetId, 3), fileName: 'a.jpg' });
    await expect(collect(store().range(datasetId, 0, 10))).rejects.toMatchObject({
      code: 'UNREADABLE_ITEM',
      message: expect.stringContaining(`sample 'SAMPLES#${datasetId}' / '0000000003'`),
    });
  });
});

describe('tags', () => {
  const store = () => tagStore(server.table, objectStore(storage.s3), storage.bucket);
  const longMask = (samples: number) => ({ bitMaskData: maskOfRange(0, samples), totSize: samples });

  test('create leaves an existing one; of fifty racers one creates', async () => {
    const datasetId = newId();
    const created = await race((racer) => store().create(someTag(datasetId, { createdAt: racer + 1 })));
    expect(new Set(created.map(({ id }) => id)).size).toBe(1);
    expect(await store().get(datasetId, 'initial-tag')).toEqual(created[0]);
    expect(await store().get(datasetId, 'unknown')).toBeUndefined();
  });

  test('grow takes more samples, never fewer', async () => {
    const datasetId = newId();
    const small = await store().create(someTag(datasetId));
    const large = { ...small, bitMaskData: '0xff', totSize: 8, lastModifiedAt: small.lastModifiedAt + 5 };
    await race((racer) => store().grow(racer === 17 ? large : { ...large, bitMaskData: '0x7', totSize: 3 }));
    expect(await store().get(datasetId, small.name)).toEqual(large);
    await store().grow(small);
    expect(await store().get(datasetId, small.name)).toEqual(large);
    await store().grow(someTag(datasetId, { name: 'unknown' }));
    expect(await store().list(datasetId)).toEqual([large]);
  });

  test('a mask of more than 100,000 characters is an object, and comes back as it was', async () => {
    const datasetId = newId();
    const created = await store().create(someTag(datasetId, longMask(450_000)));
    expect(created.bitMaskData.length).toBeGreaterThan(100_000);
    expect(await store().get(datasetId, created.name)).toEqual(created);
    expect(await store().list(datasetId)).toEqual([created]);
    const item = await getItem(server.table, tagKey(datasetId, created.name));
    expect(item).not.toHaveProperty('bitMaskData');
    const key = tagMaskKey(datasetId, created.id, 450_000);
    expect((await objectStore(storage.s3).head({ bucket: storage.bucket, key }))?.size).toBe(
      created.bitMaskData.length,
    );
  });

  test('a mask grows from the table into an object', async () => {
    const datasetId = newId();
    const small = await store().create(someTag(datasetId));
    const large = { ...small, ...longMask(500_001) };
    await store().grow(large);
    expect(await store().get(datasetId, small.name)).toEqual(large);
    const larger = { ...small, ...longMask(500_002) };
    await store().grow(larger);
    await store().grow(large);
    expect(await store().get(datasetId, small.name)).toEqual(larger);
  });

  test('are listed newest first', async () => {
    const datasetId = newId();
    for (const [name, createdAt] of [
      ['initial-tag', 100],
      ['run-b', 300],
      ['run-a', 200],
    ] as const) {
      await store().create(someTag(datasetId, { name, createdAt }));
    }
    const names = (await store().list(datasetId)).map(({ name }) => name);
    expect(names).toEqual(['run-b', 'run-a', 'initial-tag']);
    expect(await store().list(newId())).toEqual([]);
  });
});
