import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type OpenedStore, openToRead, openToWrite, STORES } from '../support/stores/opened-stores.ts';

const OPTIONS = { contentType: 'text/plain', metadata: { source: 'abc' } };

describe.each(['GCS', 'AZURE'] as const)('what is written to a datasource of type %s', (type) => {
  let store: OpenedStore;
  beforeAll(async () => {
    store = await STORES[type]();
  });
  afterAll(() => store.fake.stop());

  test('is there, with its metadata, and is replaced and deleted', async () => {
    const objects = await openToWrite(store);
    await objects.put('.lightly/x.txt', 'first', OPTIONS);
    await objects.put('.lightly/x.txt', Buffer.from('second \u{1f4f7}'), OPTIONS);
    const opened = await objects.open('.lightly/x.txt');
    expect(await text(opened!.body)).toBe('second \u{1f4f7}');
    expect(opened?.metadata).toEqual({ source: 'abc' });
    await objects.delete('.lightly/x.txt');
    await objects.delete('.lightly/x.txt');
    expect(await objects.head('.lightly/x.txt')).toBeUndefined();
  });

  test('is written once where it must not be there yet', async () => {
    const objects = await openToWrite(store);
    expect(await objects.putIfAbsent('.lightly/once.txt', 'first', OPTIONS)).toBe(true);
    expect(await objects.putIfAbsent('.lightly/once.txt', 'second', OPTIONS)).toBe(false);
    expect(await text((await objects.open('.lightly/once.txt'))!.body)).toBe('first');
  });

  test('is written by URLs, with nothing else', async () => {
    const objects = await openToWrite(store);
    const url = await objects.signWrite('.lightly/by url.txt', 60);
    const headers = { 'x-ms-blob-type': 'BlockBlob', 'content-type': '' };
    expect((await fetch(url, { method: 'PUT', body: 'there', headers })).ok).toBe(true);
    expect(await text((await objects.open('.lightly/by url.txt'))!.body)).toBe('there');
  });

  test('can not be written through a datasource that is opened as INPUT', async () => {
    const objects = await openToRead(store);
    expect(Object.keys(objects).sort()).toEqual(['head', 'list', 'open', 'signRead', 'tags']);
  });

  test('is read in the version that was meant, also when it was replaced', async () => {
    const objects = await openToWrite(store);
    await objects.put('.lightly/versioned.txt', 'first', OPTIONS);
    const { versionId } = (await objects.head('.lightly/versioned.txt'))!;
    await objects.put('.lightly/versioned.txt', 'second', OPTIONS);
    expect(versionId).toBeTruthy();
    expect(await text((await objects.open('.lightly/versioned.txt', { versionId }))!.body)).toBe('first');
    const url = await objects.signRead('GET', '.lightly/versioned.txt', 60, { versionId });
    expect(await (await fetch(url)).text()).toBe('first');
  });
});

describe('Azure', () => {
  let store: OpenedStore;
  beforeAll(async () => {
    store = await STORES.AZURE();
  });
  afterAll(() => store.fake.stop());

  test('tells tags, and how many there are', async () => {
    store.fake.files.put('2026/tagged.jpg', 'x', { tags: { camera: 'front', site: 'b' } });
    const objects = await openToRead(store);
    expect(await objects.head('tagged.jpg')).toMatchObject({ tagCount: 2 });
    expect(await objects.tags('tagged.jpg')).toEqual({ camera: 'front', site: 'b' });
    expect(await objects.tags('absent.jpg')).toBeUndefined();
  });

  test('tells what is in its archive tier, and does not read it', async () => {
    store.fake.files.put('2026/archived.jpg', 'x', { isArchived: true });
    const objects = await openToRead(store);
    const { files } = await objects.list({ prefix: 'archived', after: undefined, limit: 1 });
    expect(files).toMatchObject([{ isArchived: true }]);
    await expect(objects.open('archived.jpg')).rejects.toMatchObject({ code: 'ARCHIVED' });
  });
});

describe('what the owner has to put right', () => {
  const refusalsOf = async (type: keyof typeof STORES, change: object) => {
    const store = await STORES[type]();
    try {
      const objects = await openToRead(store, change);
      await objects.list({ prefix: '', after: undefined, limit: 1 });
      return undefined;
    } catch (error) {
      return error;
    } finally {
      await store.fake.stop();
    }
  };
  const SECRET = Buffer.from('another key').toString('base64');
  const MAY_NOT = JSON.stringify({
    type: 'external_account',
    credential_source: { url: 'http://169.254.169.254/' },
  });

  test.each([
    ['GCS', { fullPath: 'gs://no-such-bucket/x' }, 'NO_SUCH_BUCKET'],
    ['GCS', { gcsCredentials: 'not JSON' }, 'CREDENTIALS_INVALID'],
    ['GCS', { gcsCredentials: MAY_NOT }, 'CREDENTIALS_INVALID'],
    ['AZURE', { fullPath: 'no-such-container/x' }, 'NO_SUCH_BUCKET'],
    ['AZURE', { accountKey: SECRET }, 'CREDENTIALS_INVALID'],
    ['AZURE', { accountName: 'example.com/' }, 'MISCONFIGURED'],
    ['LOCAL', { fullPath: 'no-such-folder' }, 'MISCONFIGURED'],
  ] as const)('in a datasource of type %s with %j is %s', async (type, change, code) => {
    const error = await refusalsOf(type, change);
    expect(error).toMatchObject({ problem: { code, scope: 'datasource' } });
    expect((error as Error).message).not.toContain(SECRET);
  });

  test('a web server that makes no pages of its folders can be read and not listed', async () => {
    const store = await STORES.LOCAL();
    store.fake.files.put('2026/a.jpg', 'x');
    const objects = await openToRead(store);
    store.fake.files.failures.push({ status: 404 });
    await expect(objects.list({ prefix: '', after: undefined, limit: 1 })).rejects.toMatchObject({
      problem: { code: 'MISCONFIGURED' },
      message: expect.stringContaining('can only be read by name'),
    });
    expect(await text((await objects.open('a.jpg'))!.body)).toBe('x');
    await store.fake.stop();
  });

  test('what a store refuses for another reason is not asked for again and again', async () => {
    for (const type of ['GCS', 'AZURE', 'LOCAL'] as const) {
      const store = await STORES[type]();
      const objects = await openToRead(store);
      store.fake.files.failures.push({ status: 400 });
      const problem = { code: 'MISCONFIGURED', scope: 'object' };
      await expect(objects.head('a.jpg')).rejects.toMatchObject({ problem });
      await store.fake.stop();
    }
  });

  test('an empty file on a web server that knows ranges is read', async () => {
    const store = await STORES.LOCAL();
    store.fake.files.put('2026/empty.jpg', '');
    store.fake.files.failures.push({ status: 416 });
    const opened = await (await openToRead(store)).open('empty.jpg', { bytes: 10 });
    expect(await text(opened!.body)).toBe('');
    await store.fake.stop();
  });

  test('redirects of a web server are not followed', async () => {
    const store = await STORES.LOCAL();
    store.fake.files.failures.push({ status: 302, headers: { location: 'http://169.254.169.254/latest/' } });
    await expect((await openToRead(store)).open('a.jpg')).rejects.toMatchObject({
      problem: { code: 'MISCONFIGURED' },
      message: expect.stringContaining('redirect'),
    });
    expect(store.fake.files.requests).toHaveLength(1);
    await store.fake.stop();
  });

  test('a web server is not written to', async () => {
    const store = await STORES.LOCAL();
    const objects = await openToWrite(store);
    await expect(objects.put('.lightly/a.txt', 'x', OPTIONS)).rejects.toMatchObject({
      apiCode: 'DATASET_DATASOURCE_ACTION_NOT_IMPLEMENTED',
    });
    expect(store.fake.files.requests).toEqual([]);
    await store.fake.stop();
  });
});
