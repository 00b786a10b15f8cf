import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TagDoesNotExistError, TransferError, UnsafeFileNameError } from '../../client/index.ts';
import {
  type ClientWorld,
  datasetData,
  objectId,
  pageOf,
  startClientWorld,
  tagData,
} from '../support/client-world.ts';
import { Refusal } from '../support/protocol-server.ts';

let world: ClientWorld;
let outside: string;
let folder: string;
beforeEach(async () => {
  outside = await mkdtemp(join(tmpdir(), 'winnow-client-'));
  folder = join(outside, 'images');
});
afterEach(async () => {
  await world.server.stop();
  await rm(outside, { recursive: true });
});

/** A dataset with these file names; the content of sample 3 is `image 3`. Its tag `odd` has every second sample. */
async function start(names: readonly string[], handlers: Parameters<typeof startClientWorld>[0] = {}) {
  const ids = names.map((_, index) => objectId(index));
  const tags = [
    tagData({ bitMaskData: `0x${(2n ** BigInt(names.length) - 1n).toString(16)}` }),
    tagData({ id: objectId(99), name: 'odd', bitMaskData: '0xaaaa' }),
  ];
  world = await startClientWorld({
    get_dataset_by_id: () => datasetData(),
    get_tags_by_dataset_id: () => tags,
    get_tag_by_tag_id: ({ path }) => tags.find(({ id }) => id === path.tagId) ?? tagData(),
    get_sample_mappings_by_dataset_id: ({ query }) => pageOf(query.field === '_id' ? ids : names, query),
    get_sample_image_read_url_by_id: ({ path }) => world.server.fileUrl(path.sampleId),
    ...handlers,
  });
  for (const [index, id] of ids.entries()) world.server.files.set(id, Buffer.from(`image ${index}`));
  return world;
}

async function contents(): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const read = async (path: string) => [path.slice(folder.length + 1), await readFile(path, 'utf8')] as const;
  return Object.fromEntries(await Promise.all(files.map((file) => read(join(file.parentPath, file.name)))));
}

test('the images of a tag are written under their names', async () => {
  const { client, server } = await start(
    [...Array(15).keys()].map((number) => `a/${number}.jpg`).concat('b c+.jpg'),
  );
  const progress: unknown[] = [];
  const onProgress = (step: unknown) => void progress.push(step);
  await expect(client.downloadDataset(folder, 'odd', { onProgress, parallel: 3 })).resolves.toEqual({
    ...{ downloaded: 8, skipped: 0, gone: 0, failed: [] },
  });
  const odd = [1, 3, 5, 7, 9, 11, 13].map((number) => [`a/${number}.jpg`, `image ${number}`] as const);
  expect(await contents()).toEqual({ ...Object.fromEntries(odd), 'b c+.jpg': 'image 15' });
  expect(progress).toEqual([...Array(9).keys()].map((done) => ({ done, total: 8 })));
  expect(server.callsOf('get_sample_image_read_url_by_id')[0]?.query).toEqual({ type: 'full' });
});

test('images that are gone are not tried, unless the tag that says so is of somebody else', async () => {
  const byWinnow = { userId: 'x', ts: 1, creator: 'USER_WORKER', changes: {} } as const;
  const gone = tagData({ id: objectId(98), name: 'no-longer-available', bitMaskData: '0x3' });
  const of = (tag: typeof gone) => ({
    get_tags_by_dataset_id: () => [tagData({ bitMaskData: '0xf' }), tag],
    get_tag_by_tag_id: ({ path }: { readonly path: { readonly tagId: string } }) =>
      path.tagId === tag.id ? tag : tagData({ bitMaskData: '0xf' }),
  });
  const { client } = await start(['0', '1', '2', '3'], of({ ...gone, changes: [byWinnow] }));
  expect(await client.downloadDataset(folder)).toEqual({ downloaded: 2, skipped: 0, gone: 2, failed: [] });
  expect(await contents()).toEqual({ 2: 'image 2', 3: 'image 3' });
  await world.server.stop();
  const other = await start(
    ['0', '1', '2', '3'],
    of({ ...gone, changes: [{ ...byWinnow, creator: 'USER_PIP' }] }),
  );
  expect(await other.client.downloadDataset(folder)).toMatchObject({ downloaded: 4, gone: 0 });
});

test('as many images are on their way as asked for, and no more', async () => {
  let open = 0;
  let most = 0;
  let asked = 0;
  const { client } = await start([...Array(16).keys()].map(String), {
    get_sample_image_read_url_by_id: async ({ path }) => {
      asked++;
      most = Math.max(most, ++open);
      // The first three are there before one of them is answered.
      while (asked < 3) await new Promise((resolve) => setImmediate(resolve));
      open--;
      return world.server.fileUrl(path.sampleId);
    },
  });
  await client.downloadDataset(folder, 'initial-tag', { parallel: 3 });
  expect(most).toBe(3);
});

test('names that lead out of the folder are refused, and the others written', async () => {
  const hostile = [
    '../evil.jpg',
    '/etc/evil.jpg',
    'a/../../evil.jpg',
    'ok/../../evil.jpg',
    'evil\0.jpg',
    '..',
    '.',
    'a/',
  ];
  const { client } = await start(['first.jpg', ...hostile, 'last.jpg']);
  const { downloaded, failed } = await client.downloadDataset(folder);
  expect(downloaded).toBe(2);
  expect(failed.map(({ fileName }) => fileName).sort()).toEqual([...hostile].sort());
  for (const { error } of failed) expect(error).toBeInstanceOf(UnsafeFileNameError);
  expect(Object.keys(await contents()).sort()).toEqual(['first.jpg', 'last.jpg']);
  expect(await readdir(outside)).toEqual(['images']);
});

test('a link in the folder is replaced, not followed', async () => {
  await mkdir(folder);
  await writeFile(join(outside, 'precious.jpg'), 'precious');
  await symlink(join(outside, 'precious.jpg'), join(folder, 'cat.jpg'));
  const { client } = await start(['cat.jpg']);
  await client.downloadDataset(folder);
  expect(await contents()).toEqual({ 'cat.jpg': 'image 0' });
  expect(await readFile(join(outside, 'precious.jpg'), 'utf8')).toBe('precious');
});

describe('an image that fails', () => {
  test('does not hold up the others', async () => {
    const { client, server } = await start(['a.jpg', 'b.jpg', 'c.jpg']);
    server.files.delete(objectId(1));
    const { downloaded, failed } = await client.downloadDataset(folder);
    expect(downloaded).toBe(2);
    expect(failed).toEqual([{ fileName: 'b.jpg', error: expect.any(TransferError) }]);
    expect(failed[0]?.error.message).toBe("The transfer of 'b.jpg' was answered with 404 by the storage.");
  });

  test('is tried again, with a fresh URL, when its connection breaks in the middle', async () => {
    const { client, server, waits } = await start(['a.jpg']);
    let breaks = 2;
    server.onStorage((_name, _request, response) => {
      if (breaks-- <= 0) return false;
      response.writeHead(200, { 'content-length': '100' }).write('half of it');
      setTimeout(() => response.destroy(), 20);
      return true;
    });
    await client.downloadDataset(folder);
    expect(await contents()).toEqual({ 'a.jpg': 'image 0' });
    expect(waits).toEqual([1000, 2000]);
    expect(server.callsOf('get_sample_image_read_url_by_id')).toHaveLength(3);
  });

  test('where a file is in the way of a folder is named', async () => {
    const { client } = await start(['a.jpg', 'a.jpg/b.jpg']);
    const { downloaded, failed } = await client.downloadDataset(folder, 'initial-tag', { parallel: 1 });
    expect([downloaded, failed[0]?.fileName]).toEqual([1, 'a.jpg/b.jpg']);
  });

  test('leaves what was there before', async () => {
    await mkdir(folder);
    await writeFile(join(folder, 'a.jpg'), 'before');
    const { client, server } = await start(['a.jpg']);
    server.files.clear();
    await client.downloadDataset(folder);
    expect(await contents()).toEqual({ 'a.jpg': 'before' });
  });
});

test('a download that was cut short goes on where it was', async () => {
  await mkdir(folder);
  await writeFile(join(folder, 'a.jpg'), 'image 0');
  const { client, server } = await start(['a.jpg', 'b.jpg']);
  const result = await client.downloadDataset(folder, 'initial-tag', { skipExisting: true });
  expect(result).toEqual({ downloaded: 1, skipped: 1, gone: 0, failed: [] });
  expect(server.callsOf('get_sample_image_read_url_by_id')).toHaveLength(1);
});

test('an aborted download leaves no half files', async () => {
  const controller = new AbortController();
  const { client, server } = await start(['a.jpg', 'b.jpg', 'c.jpg']);
  server.onStorage((_name, _request, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half of it');
    setTimeout(() => controller.abort(new Error('enough')), 20);
    return true;
  });
  const { signal } = controller;
  await expect(client.downloadDataset(folder, 'initial-tag', { signal, parallel: 2 })).rejects.toThrow(
    'enough',
  );
  expect(await contents()).toEqual({});
});

test('what can not succeed for any image ends the download', async () => {
  const names = [...Array(64).keys()].map(String);
  const { client, server } = await start(names, {
    get_sample_image_read_url_by_id: () => {
      throw new Refusal(403, 'FORBIDDEN');
    },
  });
  await expect(client.downloadDataset(folder)).rejects.toMatchObject({ status: 403 });
  expect(server.callsOf('get_sample_image_read_url_by_id').length).toBeLessThan(20);
});

test('there is nothing to download of a dataset without full images, or of a tag that is missing', async () => {
  const { client } = await start(['a.jpg']);
  await expect(client.downloadDataset(folder, 'other')).rejects.toThrow(TagDoesNotExistError);
  world.server.on({ get_dataset_by_id: () => datasetData({ imgType: 'meta' }) });
  await expect(client.downloadDataset(folder)).rejects.toThrow('no full images');
});
