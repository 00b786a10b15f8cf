import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { objectStore } from '#aws/s3-objects';
import { readUrlSigner } from '#aws/url-signers';
import { type StorageServer, startStorageServer } from '../support/aws-servers.ts';
import { newId } from '../support/documents.ts';

let storage: StorageServer;
beforeAll(async () => {
  storage = await startStorageServer();
});
afterAll(() => storage.stop());

const HOUR = 3_600_000;
const WEEK = 7 * 24 * HOUR;
const SIGNED_AT = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const KEYS = { accessKeyId: 'AKIDCONTRACTTEST', secretAccessKey: 'not-a-secret' };
const signerWith = (credentials: Readonly<Record<string, unknown>>) =>
  readUrlSigner(new S3Client({ region: 'eu-central-1', credentials: { ...KEYS, ...credentials } }));

test.each(['a b+c%20.jpg', '日本語/é?#&.jpg'])('a URL reads the object %s', async (name) => {
  const place = { bucket: storage.bucket, key: `${newId()}/${name}` };
  await objectStore(storage.s3).put(place, 'hello', { contentType: 'text/plain' });
  const url = await readUrlSigner(storage.s3).sign(place, SIGNED_AT, SIGNED_AT + HOUR);
  expect(await (await fetch(url)).text()).toBe('hello');
});

test('the same arguments give the same URL, which tells when it ends', async () => {
  const place = { bucket: 'landing', key: 'shop/a.jpg', versionId: 'v 1' };
  const url = await signerWith({}).sign(place, SIGNED_AT, SIGNED_AT + WEEK);
  expect(await signerWith({}).sign(place, SIGNED_AT, SIGNED_AT + WEEK)).toBe(url);
  expect(await signerWith({}).sign(place, SIGNED_AT + 1_000, SIGNED_AT + WEEK)).not.toBe(url);
  const { origin, pathname, searchParams } = new URL(url);
  expect(origin + pathname).toBe('https://landing.s3.eu-central-1.amazonaws.com/shop/a.jpg');
  expect(searchParams.get('X-Amz-Date')).toBe('20260102T030405Z');
  expect(searchParams.get('X-Amz-Expires')).toBe('604800');
  expect(searchParams.get('versionId')).toBe('v 1');
});

test.each([0, -1, 999, WEEK + 1_000])('a life of %i ms is refused', async (life) => {
  const place = { bucket: 'landing', key: 'shop/a.jpg' };
  await expect(signerWith({}).sign(place, SIGNED_AT, SIGNED_AT + life)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
});

describe('latestExpiry', () => {
  test('is that of temporary credentials', async () => {
    const expiration = new Date(SIGNED_AT + 5_000);
    const signer = signerWith({ sessionToken: 't', expiration });
    expect(await signer.latestExpiry(SIGNED_AT)).toBe(SIGNED_AT + 5_000);
  });
  test('is one hour for a session that does not tell', async () => {
    expect(await signerWith({ sessionToken: 't' }).latestExpiry(SIGNED_AT)).toBe(SIGNED_AT + HOUR);
  });
  test('is not limited for long-lived keys', async () => {
    expect(await signerWith({}).latestExpiry(SIGNED_AT)).toBeUndefined();
  });
});
