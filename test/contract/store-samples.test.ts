import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sampleStore } from '#aws/sample-store';
import { putItem } from '#aws/table';
import { sampleKey } from '#contracts/table-keys';
import {
  type StorageServer,
  startStorageServer,
  startTableServer,
  type TableServer,
} from '../support/aws-servers.ts';
import { collect, newId, someSample } from '../support/documents.ts';

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

  test('keep what is written on their object under any name, also when they are refreshed', async () => {
    const datasetId = newId();
    const objectMetadata = { tags: { constructor: 'x', '': '' }, metadata: { toString: 'y', ü: '日本' } };
    const plain = someSample(datasetId, 0);
    const written = { ...plain, objectMetadata };
    const read = () => collect(store().range(datasetId, 0, 1));
    await store().put([written]);
    expect(await read()).toEqual([written]);
    await store().refresh(plain);
    expect(await read()).toEqual([plain]);
    await store().refresh(written);
    expect(await read()).toEqual([written]);
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
