import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { objectStore } from '#aws/s3-objects';
import { NotFoundError, RetryableError } from '#contracts/errors';
import { type StorageServer, startStorageServer } from '../support/aws-servers.ts';
import { collect, newId, race } from '../support/documents.ts';

let storage: StorageServer;
beforeAll(async () => {
  storage = await startStorageServer();
});
afterAll(() => storage.stop());

const store = () => objectStore(storage.s3);
const at = (key: string) => ({ bucket: storage.bucket, key });
const TEXT = { contentType: 'text/plain' };
const md5 = (text: string) => createHash('md5').update(text).digest('hex');

const KEYS = [
  'plain.txt',
  'a b/c d.txt',
  'plus+percent%25 100%.txt',
  'question?hash#amp&.txt',
  '日本語/ümlaut é.txt',
  "quotes'()*!.txt",
  `long/${'x'.repeat(1019)}`,
].map((key) => [key.slice(0, 40), key] as const);

describe.each(KEYS)('the key %s', (_, key) => {
  const prefix = `keys-${newId()}/`;
  const place = () => at((prefix + key).slice(0, 1024));

  test('is written, read, listed and copied', async () => {
    await store().put(place(), 'hello', { ...TEXT, metadata: { run: 'r1' } });
    const opened = await store().open(place());
    expect(opened).toMatchObject({ eTag: md5('hello'), size: 5, metadata: { run: 'r1' } });
    expect((await buffer(opened!.body)).toString()).toBe('hello');
    const { body: __, ...description } = opened!;
    expect(await store().head(place())).toEqual(description);
    const listed = await collect(store().list(storage.bucket, prefix));
    expect(listed).toEqual([
      { key: place().key, eTag: md5('hello'), size: 5, lastModified: expect.any(Number) },
    ]);
    // A header tells the time to the second.
    expect(Math.floor(listed[0]!.lastModified / 1000) * 1000).toBe(description.lastModified);
    const copy = at(`copies-${newId()}/${key}`.slice(0, 1024));
    await store().copy(place(), copy, { contentType: 'application/json', metadata: { run: 'r2' } });
    expect(await store().head(copy)).toMatchObject({ eTag: md5('hello'), metadata: { run: 'r2' } });
  });
});

describe('open and head', () => {
  test('say undefined of an object that is not there, or not any more', async () => {
    const place = at(newId());
    expect(await store().open(place)).toBeUndefined();
    expect(await store().head(place)).toBeUndefined();
    await store().put(place, 'x', TEXT);
    await storage.s3.send(new DeleteObjectCommand({ Bucket: place.bucket, Key: place.key }));
    expect(await store().open(place)).toBeUndefined();
  });

  test('an object is opened only while it is the one that is meant', async () => {
    const place = at(newId());
    await store().put(place, 'one', TEXT);
    const opened = await store().open(place, { eTag: md5('one') });
    expect((await buffer(opened!.body)).toString()).toBe('one');
    await store().put(place, 'two', TEXT);
    expect(await store().open(place, { eTag: md5('one') })).toBeUndefined();
  });

  test('a bucket that does not exist is not an empty one', async () => {
    await expect(store().open({ bucket: 'no-such-bucket', key: 'k' })).rejects.toMatchObject({
      name: 'NoSuchBucket',
    });
    await expect(collect(store().list('no-such-bucket', ''))).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });
});

test('putIfAbsent: of fifty racers one writes, and its bytes stay', async () => {
  const place = at(newId());
  const written = await race((racer) => store().putIfAbsent(place, Buffer.from(`racer ${racer}`), TEXT));
  expect(written.filter(Boolean)).toHaveLength(1);
  const opened = await store().open(place);
  expect((await buffer(opened!.body)).toString()).toBe(`racer ${written.indexOf(true)}`);
});

test('copy of what is not there is not found', async () => {
  await expect(store().copy(at(newId()), at(newId()), TEXT)).rejects.toThrow(NotFoundError);
});

test('list reads beyond a page', async () => {
  const prefix = `many-${newId()}/`;
  const keys = Array.from({ length: 1_100 }, (_, index) => `${prefix}${String(index).padStart(5, '0')}`);
  for (let from = 0; from < keys.length; from += 50) {
    await Promise.all(keys.slice(from, from + 50).map((key) => store().put(at(key), '', TEXT)));
  }
  expect((await collect(store().list(storage.bucket, prefix))).map(({ key }) => key)).toEqual(keys);
});

describe('putStream', () => {
  test.each([0, 10, 20 * 1024 * 1024 + 1])('writes %i bytes', async (size) => {
    const place = at(newId());
    const bytes = randomBytes(size);
    await store().putStream(place, Readable.from(chunksOf(bytes)), TEXT);
    const opened = await store().open(place);
    expect(opened?.size).toBe(size);
    expect((await buffer(opened!.body)).equals(bytes)).toBe(true);
  });

  test('shows nothing where the stream breaks', async () => {
    const place = at(newId());
    const broken = new PassThrough();
    const upload = store().putStream(place, broken, TEXT);
    broken.write(randomBytes(9 * 1024 * 1024), () => broken.destroy(new Error('the source broke')));
    await expect(upload).rejects.toThrow('the source broke');
    expect(await store().head(place)).toBeUndefined();
  });
});

function* chunksOf(bytes: Buffer, length = 100_000): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += length) yield bytes.subarray(from, from + length);
}

describe('what may succeed later is retryable', () => {
  /** An S3 that answers everything in one way, and counts how often it was asked. */
  async function answering(status: number, code: string, headStatus = status) {
    let asked = 0;
    const server = createServer((request, response) => {
      asked += 1;
      request.resume();
      const isHead = request.method === 'HEAD';
      response.writeHead(isHead ? headStatus : status, { 'content-type': 'application/xml' });
      response.end(isHead ? undefined : `<Error><Code>${code}</Code></Error>`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const s3 = clientOf((server.address() as AddressInfo).port);
    return { objects: objectStore(s3), asked: () => asked, stop: () => server.close() };
  }
  const clientOf = (port: number) =>
    new S3Client({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'AKIDCONTRACTTEST', secretAccessKey: 'not-a-secret' },
      maxAttempts: 2,
    });
  const place = { bucket: 'landing', key: 'shop/a.jpg' };

  test.each([
    [503, 'SlowDown', 'SERVICE_UNAVAILABLE', 2],
    [500, 'InternalError', 'SERVICE_UNAVAILABLE', 2],
    [403, 'AccessDenied', 'ACCESS_DENIED', 1],
  ])('%i %s is %s', async (status, name, code, attempts) => {
    const { objects, asked, stop } = await answering(status, name);
    const failure = await objects.open(place).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RetryableError);
    expect(failure).toMatchObject({ code, cause: { name } });
    expect((failure as Error).message).toContain("GetObject on 'landing'");
    expect(asked()).toBe(attempts);
    await expect(objects.head(place)).rejects.toMatchObject({ code });
    await expect(objects.put(place, 'x', TEXT)).rejects.toMatchObject({ code });
    await expect(objects.putStream(place, Readable.from(['x']), TEXT)).rejects.toMatchObject({ code });
    stop();
  });

  test.each([
    [404, 'NoSuchKey'],
    [404, 'NoSuchVersion'],
    [405, 'MethodNotAllowed'],
    [412, 'PreconditionFailed'],
  ])('%i %s means that it is not there', async (status, name) => {
    const { objects, stop } = await answering(status, name);
    expect(await objects.open({ ...place, versionId: 'v1' }, { eTag: 'e1' })).toBeUndefined();
    stop();
  });

  test('a conflict with another write of a key that is not there is tried again', async () => {
    const { objects, stop } = await answering(409, 'ConditionalRequestConflict', 404);
    const put = objects.putIfAbsent(place, Buffer.from('x'), TEXT);
    await expect(put).rejects.toMatchObject({ name: 'RetryableError', code: 'CONTENDED' });
    stop();
  });

  test('a conflict with another write of a key that is there by now has been lost', async () => {
    const { objects, stop } = await answering(409, 'ConditionalRequestConflict', 200);
    expect(await objects.putIfAbsent(place, Buffer.from('x'), TEXT)).toBe(false);
    stop();
  });

  test('an image in an archive storage class is not a matter of grants', async () => {
    const { objects, stop } = await answering(403, 'InvalidObjectState');
    await expect(objects.open(place)).rejects.toMatchObject({ name: 'InvalidObjectState' });
    stop();
  });

  test.each([
    ['refuses connections', false],
    ['breaks connections', true],
  ])('a server that %s', async (_, listening) => {
    const server = createServer((request) => request.socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    if (!listening) await new Promise((resolve) => server.close(resolve));
    expect(await codeInAProcessOfItsOwn(port)).toBe('SERVICE_UNAVAILABLE');
    server.close();
  });
});

/** Errors of sockets lose their code inside jest, where the SDK does not know them as errors. */
async function codeInAProcessOfItsOwn(port: number): Promise<string> {
  const script = `
    import { objectStore } from '#aws/s3-objects';
    await objectStore().open({ bucket: 'landing', key: 'a' }).catch(({ code }) => console.log(code));
  `;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script],
    {
      env: {
        AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
        AWS_REGION: 'eu-central-1',
        AWS_ACCESS_KEY_ID: 'AKIDCONTRACTTEST',
        AWS_SECRET_ACCESS_KEY: 'not-a-secret',
      },
    },
  );
  return stdout.trim();
}
