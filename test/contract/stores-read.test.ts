import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ReadableDatasource } from '#platform/datasources/datasource-objects';
import { byUtf8Bytes } from '#platform/datasources/name-order';
import { type OpenedStore, openToRead, STORES } from '../support/stores/opened-stores.ts';

const NAMES = [
  'a.jpg',
  'a/1.jpg',
  'a/2.jpg',
  'a/b/3.jpg',
  'a0.jpg',
  'B & ü?.jpg',
  'with space+plus.jpg',
  'z/\u{1f4f7}.jpg',
].sort(byUtf8Bytes);

describe.each(['GCS', 'AZURE', 'LOCAL'] as const)('files in a datasource of type %s', (type) => {
  let store: OpenedStore;
  let objects: ReadableDatasource;
  beforeAll(async () => {
    store = await STORES[type]();
    for (const name of NAMES) store.fake.files.put(`2026/${name}`, `content of ${name}`);
    store.fake.files.put('2025/of-somebody-else.jpg', 'secret');
    store.fake.files.put('2026x/of-somebody-else.jpg', 'secret');
  });
  beforeEach(async () => {
    objects = await openToRead(store);
    store.fake.files.failures.length = 0;
  });
  afterAll(() => store.fake.stop());

  test.each([1, 2, 3, 1_000])(
    'are listed in pages of %i, each once, in the order of their bytes',
    async (limit) => {
      const names: string[] = [];
      for (let after: string | undefined; ; after = names.at(-1)) {
        const { files, isLast } = await objects.list({ prefix: '', after, limit });
        expect(files.length).toBeLessThanOrEqual(limit);
        names.push(...files.map(({ name }) => name));
        if (isLast) break;
        expect(files.length).toBeGreaterThan(0);
      }
      expect(names).toEqual(NAMES);
    },
  );

  test('are listed below a prefix, and after a name that need not be there', async () => {
    const listed = async (prefix: string, after?: string) =>
      (await objects.list({ prefix, after, limit: 1_000 })).files.map(({ name }) => name);
    expect(await listed('a/')).toEqual(['a/1.jpg', 'a/2.jpg', 'a/b/3.jpg']);
    expect(await listed('a')).toEqual(['a.jpg', 'a/1.jpg', 'a/2.jpg', 'a/b/3.jpg', 'a0.jpg']);
    expect(await listed('', 'a/1x')).toEqual(NAMES.slice(NAMES.indexOf('a/2.jpg')));
    expect(await listed('a/', 'a/b/3.jpg')).toEqual([]);
    expect(await listed('nothing/')).toEqual([]);
  });

  test('are told of the same way by a listing, head and open', async () => {
    for (const name of NAMES) {
      const { files } = await objects.list({ prefix: name, after: undefined, limit: 1 });
      const stored = store.fake.files.find(`2026/${name}`)!;
      expect(files[0]).toMatchObject({
        ...{ name, size: stored.body.length, lastModified: stored.lastModified },
        eTag: expect.stringMatching(/^[^"]+$/),
      });
      expect(await objects.head(name)).toMatchObject(files[0]!);
      const opened = await objects.open(name);
      expect(await text(opened!.body)).toBe(`content of ${name}`);
      expect({ ...opened, body: undefined }).toMatchObject(files[0]!);
    }
  });

  test('are read in part, and empty ones as well', async () => {
    store.fake.files.put('2026/zz-empty.jpg', '');
    const opened = await objects.open('a.jpg', { bytes: 7 });
    expect(opened?.size).toBe('content of a.jpg'.length);
    expect(await text(opened!.body)).toBe('content');
    const empty = await objects.open('zz-empty.jpg', { bytes: 7 });
    expect({ size: empty?.size, content: await text(empty!.body) }).toEqual({ size: 0, content: '' });
    store.fake.files.delete('2026/zz-empty.jpg');
  });

  test('are those that were meant: another one of the same name is none', async () => {
    store.fake.files.put('2026/zz-changing.jpg', 'first');
    const { eTag } = (await objects.head('zz-changing.jpg'))!;
    expect(await objects.head('zz-changing.jpg', { eTag })).toMatchObject({ eTag });
    store.fake.files.put('2026/zz-changing.jpg', 'other');
    expect(await objects.head('zz-changing.jpg', { eTag })).toBeUndefined();
    expect(await objects.open('zz-changing.jpg', { eTag })).toBeUndefined();
    expect((await objects.head('zz-changing.jpg'))?.eTag).not.toBe(eTag);
    store.fake.files.delete('2026/zz-changing.jpg');
    expect(await objects.head('zz-changing.jpg')).toBeUndefined();
    expect(await objects.open('zz-changing.jpg')).toBeUndefined();
  });

  test('are read by URLs, with nothing else', async () => {
    for (const name of NAMES) {
      const url = await objects.signRead('GET', name, 60);
      expect(await (await fetch(url)).text()).toBe(`content of ${name}`);
      const head = await fetch(await objects.signRead('HEAD', name, 60), { method: 'HEAD' });
      expect(head.status).toBe(200);
    }
  });

  test('that nobody may read are denied as objects, and the rest is not', async () => {
    store.fake.files.denied.add('2026/a.jpg');
    await expect(objects.open('a.jpg')).rejects.toMatchObject({
      problem: { code: 'DENIED', scope: 'object' },
      message: expect.stringContaining('Allow it to'),
    });
    store.fake.files.denied.clear();
    expect(await objects.head('a.jpg')).toBeDefined();
  });

  test('come later where the store is busy', async () => {
    for (const ask of [() => objects.head('a.jpg'), () => objects.open('a.jpg')]) {
      store.fake.files.failures.push(...Array.from({ length: 20 }, () => ({ status: 503 })));
      await expect(ask()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
      store.fake.files.failures.length = 0;
    }
  });
});
