import { createHash } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectAclCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LocalCloud } from '../../local/local-cloud.ts';
import { clientsOf, startFixture, workedOn } from '../support/local-stack.ts';

let cloud: LocalCloud;
let s3: ReturnType<typeof clientsOf>['s3'];
let Bucket: string;
beforeAll(async () => {
  cloud = await startFixture();
  s3 = clientsOf(cloud).s3;
  Bucket = cloud.connection.buckets.exports;
});
afterAll(() => cloud.close());

const put = (Key: string, Body: string | Uint8Array = 'x', bucket = Bucket) =>
  s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
const read = async (Key: string) => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return (await Body?.transformToString()) ?? '';
};
const failure = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    ({ name }: Error) => name,
  );

describe('keys', () => {
  const longest = `in/${'ü'.repeat(510)}x`;
  test.each([
    ['spaces', 'in/my holiday photos/a b.jpg'],
    ['plus', 'in/a+b.jpg'],
    ['percent', 'in/100%/%20.jpg'],
    ['unicode', 'in/Zürich 東京 📷.jpg'],
    ['reserved characters', "in/a&b=c;d?e#f,g@h:i!j'k(l)m*n~.jpg"],
    ['1,024 bytes', longest],
  ])('with %s arrive in events as they were put', async (_, key) => {
    expect(Buffer.byteLength(longest)).toBe(1024);
    const { ETag = '' } = await put(key, 'content', cloud.connection.buckets.landing);
    await cloud.idle();
    const seen = await workedOn(cloud, key);
    expect(seen).toMatchObject({ eventName: 'ObjectCreated:Put', size: 7, eTag: ETag.replaceAll('"', '') });
    const { Body } = await s3.send(
      new GetObjectCommand({ Bucket: cloud.connection.buckets.platform, Key: `copies/${key}` }),
    );
    expect(await Body?.transformToString()).toBe('content');
  });

  test('list in byte order over pages, whatever order they were put in', async () => {
    const characters = ['a', 'B', 'z', 'é', '~', '\u{fffd}', '\u{10000}', '0', '-', '_'];
    const keys = Array.from({ length: 2500 }, (_, index) => {
      const digest = createHash('sha256').update(String(index)).digest('hex').slice(0, 6);
      return `list/${characters[index % characters.length]}${digest}${index}`;
    });
    for (let start = 0; start < keys.length; start += 50) {
      await Promise.all(keys.slice(start, start + 50).map((key) => put(key)));
    }
    const listed: string[] = [];
    const pages: number[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client: s3 },
      { Bucket, Prefix: 'list/' },
    )) {
      pages.push(Contents.length);
      listed.push(...Contents.map(({ Key = '' }) => Key));
    }
    expect(pages).toEqual([1000, 1000, 500]);
    expect(listed).toEqual(keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  });

  test('roll up at a delimiter, each common prefix once', async () => {
    for (const key of ['d/a', 'd/b/1', 'd/b/2', 'd/c', 'd/e/1', 'd/f']) await put(key);
    const entries: string[] = [];
    const options = { client: s3, pageSize: 2 };
    for await (const page of paginateListObjectsV2(options, { Bucket, Prefix: 'd/', Delimiter: '/' })) {
      entries.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
      entries.push(...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix));
    }
    expect(entries.toSorted()).toEqual(['d/a', 'd/b/', 'd/c', 'd/e/', 'd/f']);
  });
});

describe('events', () => {
  test('come for copies, multipart uploads and removals, in the order of their sequencers', async () => {
    const landing = cloud.connection.buckets.landing;
    await put('in/original.bin', 'first', landing);
    const copy = { Bucket: landing, Key: 'in/copied.bin', CopySource: `${landing}/in/original.bin` };
    await s3.send(new CopyObjectCommand(copy));
    const target = { Bucket: landing, Key: 'in/parts.bin' };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target));
    const part = Buffer.alloc(6 * 1024 * 1024, 1);
    const etags = [];
    for (const PartNumber of [1, 2]) {
      const { ETag } = await s3.send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body: part }));
      etags.push({ ETag, PartNumber });
    }
    await s3.send(
      new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts: etags } }),
    );
    await cloud.idle();
    const original = await workedOn(cloud, 'in/original.bin');
    const copied = await workedOn(cloud, 'in/copied.bin');
    const joined = await workedOn(cloud, 'in/parts.bin');
    expect(copied).toMatchObject({ eventName: 'ObjectCreated:Copy', size: 5 });
    expect(joined).toMatchObject({
      eventName: 'ObjectCreated:CompleteMultipartUpload',
      size: 2 * part.length,
    });
    await s3.send(new DeleteObjectCommand({ Bucket: landing, Key: 'in/original.bin' }));
    await cloud.idle();
    const removed = await workedOn(cloud, 'in/original.bin');
    expect(removed).toMatchObject({ eventName: 'ObjectRemoved:Delete', deliveries: 2 });
    const sequencers = [original, copied, joined, removed].map((seen) => seen!.sequencer);
    expect(sequencers.toSorted()).toEqual(sequencers);
    expect(new Set(sequencers.map(({ length }) => length)).size).toBe(1);
  });

  test('do not come for keys outside the filter', async () => {
    const landing = cloud.connection.buckets.landing;
    await put('elsewhere/photo.jpg', 'x', landing);
    await cloud.idle();
    expect(await workedOn(cloud, 'elsewhere/photo.jpg')).toBeUndefined();
  });

  test('come for each key of a batch removal', async () => {
    const landing = cloud.connection.buckets.landing;
    const keys = ['in/<tag> & "quote".jpg', 'in/plain.jpg'];
    for (const key of keys) await put(key, 'x', landing);
    const Delete = { Objects: keys.map((Key) => ({ Key })) };
    await s3.send(new DeleteObjectsCommand({ Bucket: landing, Delete }));
    await cloud.idle();
    for (const key of keys) {
      expect(await workedOn(cloud, key)).toMatchObject({ eventName: 'ObjectRemoved:Delete' });
    }
  });
});

describe('conditional writes', () => {
  test('let one of fifty racing writers win', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, writer) =>
        failure(
          s3.send(new PutObjectCommand({ Bucket, Key: 'race', Body: `writer ${writer}`, IfNoneMatch: '*' })),
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'no error')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'PreconditionFailed')).toHaveLength(49);
    expect(await read('race')).toBe(`writer ${outcomes.indexOf('no error')}`);
  });

  test('hold a writer and a reader to the version they saw', async () => {
    const { ETag } = await put('versioned', 'one');
    const replace = (IfMatch: string | undefined, Body: string) =>
      failure(s3.send(new PutObjectCommand({ Bucket, Key: 'versioned', Body, IfMatch })));
    expect(await replace(ETag, 'two')).toBe('no error');
    expect(await replace(ETag, 'three')).toBe('PreconditionFailed');
    expect(await read('versioned')).toBe('two');
    const readOld = s3.send(new GetObjectCommand({ Bucket, Key: 'versioned', IfMatch: ETag }));
    expect(await failure(readOld)).toBe('PreconditionFailed');
    const headOld = s3.send(new HeadObjectCommand({ Bucket, Key: 'versioned', IfMatch: ETag }));
    expect(await failure(headOld)).not.toBe('no error');
  });
});

describe('requests that the store would misunderstand', () => {
  test('are refused without touching the object', async () => {
    await put('private', 'content');
    const open = s3.send(new PutObjectAclCommand({ Bucket, Key: 'private', ACL: 'public-read' }));
    expect(await failure(open)).toBe('NotImplemented');
    expect(await read('private')).toBe('content');
  });
});

describe('presigned URLs', () => {
  const sign = (Key: string, signingDate = new Date()) =>
    getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), { expiresIn: 60, signingDate });

  test('open the object', async () => {
    await put('a b+c/ü.txt', 'for everyone');
    expect(await (await fetch(await sign('a b+c/ü.txt'))).text()).toBe('for everyone');
  });

  test.each([
    ['another key', (url: string) => url.replace('/signed', '/secret')],
    ['a longer life', (url: string) => url.replace('X-Amz-Expires=60', 'X-Amz-Expires=6000')],
    ['no signature', (url: string) => url.split('?')[0]!],
  ])('do not open with %s', async (_, tamper) => {
    await put('signed');
    await put('secret');
    expect((await fetch(tamper(await sign('signed')))).status).toBe(403);
  });

  test('do not open after their time', async () => {
    await put('signed');
    expect((await fetch(await sign('signed', new Date(Date.now() - 61_000)))).status).toBe(403);
  });
});

test('bodies of many megabytes are stored whole', async () => {
  const body = Buffer.alloc(40 * 1024 * 1024, 'winnow');
  await put('large', body);
  const range = await s3.send(new GetObjectCommand({ Bucket, Key: 'large', Range: 'bytes=0-5' }));
  expect(await range.Body?.transformToString()).toBe('winnow');
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'large' }));
  expect(Contents?.[0]?.Size).toBe(body.length);
});
