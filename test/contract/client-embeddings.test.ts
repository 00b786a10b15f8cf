import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EmbeddingDoesNotExistError } from '../../client/index.ts';
import { type ClientWorld, objectId, pageOf, startClientWorld } from '../support/client-world.ts';

let world: ClientWorld;
let folder: string;
const start = async (...how: Parameters<typeof startClientWorld>) => {
  world = await startClientWorld(...how);
  return world;
};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'winnow-client-'));
});
afterEach(async () => {
  await world.server.stop();
  await rm(folder, { recursive: true });
});

const csv = (...lines: string[]): string => lines.map((line) => `${line}\r\n`).join('');
const NAMES = ['a.jpg', 'b,1.jpg', 'c.jpg'];
const embedding = (number: number, name: string, createdAt = number) => ({
  ...{ id: objectId(number), name, isProcessed: true, createdAt },
});

describe('uploading embeddings', () => {
  const file = async (...lines: string[]): Promise<string> => {
    const path = join(folder, 'embeddings.csv');
    await writeFile(path, csv(...lines));
    return path;
  };
  const startWith = (embeddings: ReturnType<typeof embedding>[]) =>
    start({
      get_embeddings_by_dataset_id: () => embeddings,
      get_sample_mappings_by_dataset_id: ({ query }) => pageOf(NAMES, query),
      get_embeddings_csv_write_url_by_id: () => ({
        ...{ signedWriteUrl: world.server.fileUrl('written.csv'), embeddingId: objectId(9) },
      }),
      get_embeddings_csv_read_url_by_id: () => world.server.fileUrl('on-server.csv'),
      trigger2d_embeddings_job: () => undefined,
    });

  test('brings the rows in the order of the samples, without the columns of older files', async () => {
    const { client, server } = await startWith([]);
    const lines = ['c.jpg,5,6,0,0', '"b,1.jpg",3,4,1,0', 'a.jpg,1,2,0,0'];
    const path = await file('filenames,embedding_0,embedding_1,masked,labels', ...lines);
    await client.uploadEmbeddings(path, 'mine');
    expect(server.files.get('written.csv')?.toString()).toBe(
      csv('filenames,embedding_0,embedding_1,labels', 'a.jpg,1,2,0', '"b,1.jpg",3,4,0', 'c.jpg,5,6,0'),
    );
    expect(server.callsOf('get_embeddings_csv_write_url_by_id')[0]?.query).toEqual({ name: 'mine' });
    const reductions = server
      .callsOf('trigger2d_embeddings_job')
      .map(({ body }) => body.dimensionalityReductionMethod);
    expect(reductions).toEqual(['PCA', 'TSNE', 'UMAP']);
    expect(client.embeddingId).toBe(objectId(9));
    expect(await readFile(path, 'utf8')).toContain('masked');
  });

  test('adds them to those of the same name', async () => {
    const { client, server } = await startWith([embedding(3, 'mine_20250101')]);
    const onServer = ['filenames,embedding_0,labels', 'a.jpg,1,0', 'c.jpg,1,0'];
    server.files.set('on-server.csv', Buffer.from(csv(...onServer)));
    await client.uploadEmbeddings(
      await file('filenames,embedding_0,labels', '"b,1.jpg",2,0', 'c.jpg,2,0'),
      'mine',
    );
    expect(server.files.get('written.csv')?.toString()).toBe(
      csv('filenames,embedding_0,labels', 'a.jpg,1,0', '"b,1.jpg",2,0', 'c.jpg,2,0'),
    );
    const [call] = server.callsOf('get_embeddings_csv_write_url_by_id');
    expect(call?.query.name).toMatch(/^mine_\d{8}_\d\dh\d\dm\d\ds$/);
  });

  test('needs exactly one row for each sample', async () => {
    const { client, server } = await startWith([]);
    const header = 'filenames,embedding_0,labels';
    await expect(client.uploadEmbeddings(await file(header, 'a.jpg,1,0'), 'mine')).rejects.toThrow(
      "There are embeddings of 1 files, and 3 samples on the server: they must be the same. There is none for 'b,1.jpg'",
    );
    expect(server.callsOf('get_embeddings_csv_write_url_by_id')).toEqual([]);
  });

  test('is repeated while the storage is busy, and its URL is kept secret', async () => {
    const { client, server, waits } = await startWith([]);
    let busy = 2;
    server.onStorage((_name, _request, response) => {
      if (busy-- <= 0) return false;
      response.writeHead(503).end();
      return true;
    });
    const path = await file('filenames,embedding_0,labels', 'a.jpg,1,0', '"b,1.jpg",1,0', 'c.jpg,1,0');
    await client.uploadEmbeddings(path, 'mine');
    expect(waits).toEqual([1000, 2000]);
    busy = 100;
    const error = (await client.uploadEmbeddings(path, 'mine').catch((thrown: unknown) => thrown)) as Error;
    expect(error.message).toBe(
      "Given up after 6 attempts: The transfer of the embeddings 'mine' was answered with 503 by the storage.",
    );
    expect(`${error.stack}${(error.cause as Error).stack}`).not.toContain('secret');
  });

  test('can be done by hand: the rows of the server are added to the file', async () => {
    const { client, server } = await startWith([]);
    server.files.set(
      'on-server.csv',
      Buffer.from(csv('filenames,embedding_0,labels', 'a.jpg,1,0', 'b.jpg,1,0')),
    );
    const path = await file('filenames,embedding_0,labels', 'b.jpg,2,0', 'z.jpg,2,0');
    await client.appendEmbeddings(path, objectId(3));
    expect(await readFile(path, 'utf8')).toBe(
      csv('filenames,embedding_0,labels', 'a.jpg,1,0', 'b.jpg,2,0', 'z.jpg,2,0'),
    );
    await writeFile(path, csv('filenames,embedding_0,embedding_1,labels', 'b.jpg,2,2,0'));
    await expect(client.appendEmbeddings(path, objectId(3))).rejects.toThrow(
      'The file has 4 columns and the embeddings on the server have 3',
    );
    expect(await readdir(folder)).toEqual(['embeddings.csv']);
  });
});

describe('embeddings', () => {
  const all = [embedding(3, 'default_3'), embedding(2, 'other'), embedding(1, 'default_1')];

  test('are found by their name, or its beginning', async () => {
    const { client } = await start({ get_embeddings_by_dataset_id: () => all });
    expect(await client.getEmbeddingByName('default')).toEqual(all[0]);
    expect(await client.getEmbeddingDataByName('default_1')).toEqual(all[2]);
    await expect(client.getEmbeddingDataByName('default')).rejects.toThrow(EmbeddingDoesNotExistError);
    await client.setEmbeddingIdToLatest();
    expect(client.embeddingId).toBe(objectId(3));
  });

  test('are downloaded: the newest default', async () => {
    const { client, server } = await start({
      get_embeddings_by_dataset_id: () => all,
      get_embeddings_csv_read_url_by_id: ({ path }) => world.server.fileUrl(path.embeddingId),
    });
    server.files.set(objectId(3), Buffer.from('the newest'));
    const path = join(folder, 'deep', 'down', 'embeddings.csv');
    await client.downloadEmbeddingsCsv(path);
    expect(await readFile(path, 'utf8')).toBe('the newest');
  });

  test('can be missing', async () => {
    const { client } = await start({ get_embeddings_by_dataset_id: () => [] });
    await expect(client.setEmbeddingIdToLatest()).rejects.toThrow(EmbeddingDoesNotExistError);
    await expect(client.downloadEmbeddingsCsv(join(folder, 'a'))).rejects.toThrow(EmbeddingDoesNotExistError);
  });
});
