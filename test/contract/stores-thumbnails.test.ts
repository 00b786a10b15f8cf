import { text } from 'node:stream/consumers';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Dataset } from '#contracts/items';
import { newLandingDataset } from '#platform/datasets/datasets';
import { datasourceOf } from '#platform/datasources/datasources';
import { storeConnections } from '#stores/store-connections';
import { putThumbnail, ThumbnailRefused } from '../../functions/ingest/put-thumbnail.ts';
import { type StorageServer, startStorageServer } from '../support/aws-servers.ts';
import { newId } from '../support/documents.ts';
import { datasourceWith, type OpenedStore, openToRead, STORES } from '../support/stores/opened-stores.ts';

let storage: StorageServer;
let dataset: Dataset;
beforeAll(async () => {
  storage = await startStorageServer();
  const buckets = { landing: 'landing', platform: storage.bucket };
  dataset = newLandingDataset(newId(), 'birds', buckets, 1_700_000_000_000);
});
afterAll(() => storage.stop());

/** Where LIGHTLY is: the platform folder, unless a store is named. */
function put(store: OpenedStore | undefined, fileName: string, bytes = fileName) {
  const servers = { ...store?.servers, s3: storage.s3Config };
  const lightly = store
    ? datasourceWith(store.config, 'LIGHTLY')
    : datasourceOf(dataset, undefined, 'LIGHTLY');
  const images = { where: async () => lightly };
  return putThumbnail(
    { dataset, fileName, bytes: Buffer.from(bytes) },
    { images: images as never, datasourceConnections: storeConnections(servers) },
  );
}
const inPlatformFolder = async (name: string): Promise<string> => {
  const found = await storage.s3.send(
    new GetObjectCommand({ Bucket: storage.bucket, Key: dataset.platformFolder.prefix + name }),
  );
  return found.Body!.transformToString();
};

describe.each(['GCS', 'AZURE'] as const)('thumbnails of a dataset whose LIGHTLY is of type %s', (type) => {
  let store: OpenedStore;
  beforeAll(async () => {
    store = await STORES[type]();
  });
  afterAll(() => store.fake.stop());

  test('are there, each under a name of its own', async () => {
    const placed = [await put(store, 'a.jpg'), await put(store, 'a.png'), await put(store, 'a.jpg', 'again')];
    const [a, other] = ['a', 'a.png'].map((name) => `.lightly/thumbnails/${name}_thumb.webp`);
    expect(placed).toEqual([a, other, a].map((thumbName) => ({ thumbName, thumbIn: 'LIGHTLY' })));
    const objects = await openToRead(store);
    expect(await text((await objects.open(a!))!.body)).toBe('again');
    expect(await text((await objects.open(other!))!.body)).toBe('a.png');
  });

  test('that are refused hold the image back', async () => {
    store.fake.files.deniedMethods.add('PUT').add('POST');
    const refused = put(store, 'b.jpg');
    await expect(refused).rejects.toBeInstanceOf(ThumbnailRefused);
    await expect(refused).rejects.toMatchObject({ refusal: { problem: { code: 'DENIED' } } });
    store.fake.files.deniedMethods.clear();
  });
});

test('thumbnails of a dataset whose LIGHTLY is a web server are in the platform folder', async () => {
  const store = await STORES.LOCAL();
  const { thumbName, thumbIn } = await put(store, 'a.jpg', 'small');
  expect([thumbName, thumbIn]).toEqual(['.lightly/thumbnails/a_thumb.webp', undefined]);
  expect(await inPlatformFolder(thumbName)).toBe('small');
  expect(store.fake.files.requests).toEqual([]);
  await store.fake.stop();
});

test('the thumbnail of an image whose name leads elsewhere is named by a digest', async () => {
  const { thumbName } = await put(undefined, '../../a.jpg', 'small');
  expect(thumbName).toMatch(/^\.lightly\/thumbnails\/[0-9a-f]{64}_thumb\.webp$/);
  expect(await inPlatformFolder(thumbName)).toBe('small');
});
