import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sampleStore } from '#aws/sample-store';
import { startTableServer, type TableServer } from '../support/aws-servers.ts';
import { newId, someSample } from '../support/documents.ts';

let server: TableServer;
beforeAll(async () => {
  server = await startTableServer();
});
afterAll(() => server.stop());

const group = { id: newId(), representative: 'first.jpg' };

test('a sample gets a group, and nothing else of it changes', async () => {
  const store = sampleStore(server.table);
  const datasetId = newId();
  const sample = someSample(datasetId, 0);
  await store.put([sample]);
  await store.update(datasetId, 0, { group });
  expect(await store.get(datasetId, 0)).toEqual({ ...sample, group });
  await store.update(datasetId, 0, { customMetaData: { weather: 'rain' } });
  expect(await store.get(datasetId, 0)).toMatchObject({ group, customMetaData: { weather: 'rain' } });
});

test('a refreshed sample has what is written on the new object, and its thumbnail, or none of it', async () => {
  const store = sampleStore(server.table);
  const sample = someSample(newId(), 0);
  await store.put([sample]);
  const written = {
    ...{ versionId: 'v2', thumbIn: 'LIGHTLY' as const },
    objectMetadata: { tags: { constructor: 'x' }, metadata: { site: '' } },
  };
  await store.refresh({ ...sample, ...written });
  expect(await store.get(sample.datasetId, 0)).toEqual({ ...sample, ...written });
  await store.refresh(sample);
  expect(await store.get(sample.datasetId, 0)).toEqual(sample);
});

test('a refreshed sample has the group that it is refreshed with, or none', async () => {
  const store = sampleStore(server.table);
  const datasetId = newId();
  const sample = { ...someSample(datasetId, 0), group };
  await store.put([sample]);
  await store.refresh({ ...sample, eTag: 'e2' });
  expect(await store.get(datasetId, 0)).toMatchObject({ eTag: 'e2', group });
  const { group: _, ...alone } = sample;
  await store.refresh(alone);
  expect(await store.get(datasetId, 0)).toEqual(alone);
});
