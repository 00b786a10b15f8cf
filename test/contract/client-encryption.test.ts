import { afterEach, expect, test } from '@jest/globals';
import { type ClientWorld, startClientWorld } from '../support/client-world.ts';

let world: ClientWorld;
afterEach(() => world.server.stop());

test.each([
  ['true', { 'x-amz-server-side-encryption': 'AES256' }],
  [
    'my-key',
    { 'x-amz-server-side-encryption': 'aws:kms', 'x-amz-server-side-encryption-aws-kms-key-id': 'my-key' },
  ],
])('S3 is told to encrypt with %s, and other storages are not', async (s3SseKmsKey, expected) => {
  const sent: [string, Record<string, string>][] = [];
  const fetchAndNote: typeof fetch = async (url, init) => {
    sent.push([new URL(String(url)).host, Object.fromEntries(new Headers(init?.headers))]);
    return new Response();
  };
  world = await startClientWorld({}, { fetch: fetchAndNote, s3SseKmsKey });
  const { client } = world;
  const content = new Blob(['content']);
  await client.uploadFileWithSignedUrl(content, 'https://bucket.s3.eu-central-1.amazonaws.com/a?signature=1');
  await client.uploadFileWithSignedUrl(content, 'https://storage.example.com/a?signature=1');
  expect(sent).toEqual([
    ['bucket.s3.eu-central-1.amazonaws.com', expected],
    ['storage.example.com', {}],
  ]);
});
