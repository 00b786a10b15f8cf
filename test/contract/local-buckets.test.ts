import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  RestoreObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ForeignBucket } from '../../local/foreign-buckets.ts';
import type { LocalCloud } from '../../local/local-cloud.ts';
import { clientsOf, startFixture } from '../support/local-stack.ts';

let cloud: LocalCloud;
let s3: S3Client;
beforeAll(async () => {
  cloud = await startFixture({ foreignBuckets: ['by-name-only'] });
  s3 = clientsOf(cloud).s3;
});
afterAll(() => cloud.close());

let made = 0;
const newBucket = (description: Omit<ForeignBucket, 'name'> = {}): string => {
  made += 1;
  const name = `bucket-${made}`;
  cloud.foreignBuckets.set({ name, ...description });
  return name;
};
const put = (Bucket: string, Key: string, Body = 'x', more = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const read = async (Bucket: string, Key: string, VersionId?: string) => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  return Body?.transformToString();
};
const remove = (Bucket: string, Key: string, VersionId?: string) =>
  s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
const keysIn = async (Bucket: string) =>
  ((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key }) => Key);
/** Name and status of a refusal. */
const refusal = (answer: Promise<unknown>) =>
  answer.then(
    () => 'none',
    ({ name, $metadata }: Error & { $metadata?: { httpStatusCode?: number } }) =>
      `${$metadata?.httpStatusCode} ${name}`,
  );

test('a bucket that is only named has no rules', async () => {
  const { VersionId } = await put('by-name-only', 'a');
  expect(VersionId).toBeUndefined();
  expect(await keysIn('by-name-only')).toEqual(['a']);
});

test('a bucket that was deleted is there for nobody, until it is made again', async () => {
  const bucket = newBucket();
  await put(bucket, 'a');
  cloud.foreignBuckets.delete(bucket);
  expect(await refusal(keysIn(bucket))).toBe('404 NoSuchBucket');
  cloud.foreignBuckets.set(bucket);
  expect(await keysIn(bucket)).toEqual(['a']);
});

test('a bucket of another region says which', async () => {
  const bucket = newBucket({ region: 'eu-west-1' });
  const answer = s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  expect(await refusal(answer)).toBe('400 AuthorizationHeaderMalformed');
  await expect(keysIn(bucket)).rejects.toThrow("expecting 'eu-west-1'");
});

describe('versions', () => {
  test('are kept when objects are replaced and deleted, and come back when what hides them is removed', async () => {
    const bucket = newBucket({ versioned: true });
    const { VersionId: first } = await put(bucket, 'a', 'first');
    const { VersionId: second } = await put(bucket, 'a', 'second');
    expect([await read(bucket, 'a', first), await read(bucket, 'a', second)]).toEqual(['first', 'second']);
    const { DeleteMarker, VersionId: marker } = await remove(bucket, 'a');
    expect(DeleteMarker).toBe(true);
    expect(await refusal(read(bucket, 'a'))).toBe('404 NoSuchKey');
    expect(await refusal(read(bucket, 'a', marker))).toBe('405 MethodNotAllowed');
    expect(await keysIn(bucket)).toEqual([]);
    await remove(bucket, 'a', marker);
    expect(await read(bucket, 'a')).toBe('second');
    await remove(bucket, 'a', second);
    expect(await read(bucket, 'a')).toBe('first');
    expect(await refusal(read(bucket, 'a', second))).toBe('404 NoSuchVersion');
  });

  test('begin when they are turned on: what was there has none', async () => {
    const bucket = newBucket();
    await put(bucket, 'a', 'before');
    cloud.foreignBuckets.set({ name: bucket, versioned: true });
    await put(bucket, 'a', 'after');
    expect([await read(bucket, 'a', 'null'), await read(bucket, 'a')]).toEqual(['before', 'after']);
  });
});

test('tags are read, counted, replaced and removed; they change nothing else of an object', async () => {
  const bucket = newBucket();
  const { ETag } = await put(bucket, 'a', 'content', { Tagging: 'a=1&b=%26', Metadata: { of: 'mine' } });
  const object = { Bucket: bucket, Key: 'a' };
  const tags = async () => (await s3.send(new GetObjectTaggingCommand(object))).TagSet;
  expect(await tags()).toEqual([
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: '&' },
  ]);
  const head = () => s3.send(new HeadObjectCommand(object));
  const before = await head();
  await s3.send(new PutObjectTaggingCommand({ ...object, Tagging: { TagSet: [{ Key: '<c>', Value: '' }] } }));
  expect(await tags()).toEqual([{ Key: '<c>', Value: '' }]);
  await s3.send(new DeleteObjectTaggingCommand(object));
  expect(await tags()).toEqual([]);
  const { Metadata, LastModified } = await head();
  expect({ ETag, Metadata, LastModified }).toEqual({
    ETag: before.ETag,
    Metadata: { of: 'mine' },
    LastModified: before.LastModified,
  });
  expect(await read(bucket, 'a')).toBe('content');
});

test('an upload in parts makes one object, with the attributes that it began with', async () => {
  const bucket = newBucket({ versioned: true });
  const target = { Bucket: bucket, Key: 'parts' };
  const begin = new CreateMultipartUploadCommand({ ...target, Tagging: 'a=1', StorageClass: 'STANDARD_IA' });
  const { UploadId } = await s3.send(begin);
  const { ETag } = await s3.send(
    new UploadPartCommand({ ...target, UploadId, PartNumber: 1, Body: 'content' }),
  );
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  const { VersionId } = await s3.send(
    new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload }),
  );
  expect(VersionId).toEqual(expect.any(String));
  const { TagCount, StorageClass, Body, ...found } = await s3.send(new GetObjectCommand(target));
  expect({ TagCount, StorageClass }).toEqual({ TagCount: 1, StorageClass: 'STANDARD_IA' });
  expect(found.VersionId).toBe(VersionId);
  expect(await Body?.transformToString()).toBe('content');
});

test('an archived object is not read before it is restored; listings say both', async () => {
  const bucket = newBucket();
  const object = { Bucket: bucket, Key: 'a' };
  await put(bucket, 'a', 'content', { StorageClass: 'DEEP_ARCHIVE' });
  const listed = async () => {
    const request = new ListObjectsV2Command({ Bucket: bucket, OptionalObjectAttributes: ['RestoreStatus'] });
    const [found] = (await s3.send(request)).Contents ?? [];
    return [found?.StorageClass, found?.RestoreStatus?.IsRestoreInProgress];
  };
  expect(await refusal(read(bucket, 'a'))).toBe('403 InvalidObjectState');
  expect(await listed()).toEqual(['DEEP_ARCHIVE', undefined]);
  await s3.send(new RestoreObjectCommand({ ...object, RestoreRequest: { Days: 2 } }));
  expect(await read(bucket, 'a')).toBe('content');
  expect(await listed()).toEqual(['DEEP_ARCHIVE', false]);
  const { Restore } = await s3.send(new HeadObjectCommand(object));
  expect(Restore).toContain('ongoing-request="false"');
});

test('listings that lag show what was, and in the end what is', async () => {
  const bucket = newBucket();
  await put(bucket, 'old');
  await put(bucket, 'kept');
  const lag = { name: bucket, listingLagMs: 60_000 };
  cloud.foreignBuckets.set(lag);
  await put(bucket, 'new');
  await remove(bucket, 'old');
  expect(await keysIn(bucket)).toEqual(['kept', 'old']);
  expect([await read(bucket, 'new'), await refusal(read(bucket, 'old'))]).toEqual(['x', '404 NoSuchKey']);
  cloud.foreignBuckets.set({ ...lag, listingLagMs: 1 });
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await keysIn(bucket)).toEqual(['kept', 'new']);
});

test('faults come as often as they are asked for, in the operations that they are asked for', async () => {
  const bucket = newBucket();
  const end = cloud.faults.begin({ bucket, operations: ['PutObject'], every: 2, times: 2 });
  const outcomes: string[] = [];
  for (let at = 0; at < 6; at++) outcomes.push(await refusal(put(bucket, `${at}`)));
  const slow = '503 SlowDown';
  expect(outcomes).toEqual(['none', slow, 'none', slow, 'none', 'none']);
  expect(await keysIn(bucket)).toHaveLength(4);
  expect(end()).toBe(2);
});

test.each([
  ['a policy that is too long', { Policy: JSON.stringify({ Statement: 'x'.repeat(2048) }) }],
  ['a policy with letters that IAM does not take', { Policy: '{"Statement": "日本"}' }],
  ['an external ID with a space', { ExternalId: 'two words' }],
  ['a session of a day', { DurationSeconds: 86_400, ExternalId: 'agreed-external-id' }],
])('STS refuses %s', async (_, parameters) => {
  const { sts } = clientsOf(cloud);
  const RoleArn = cloud.outputs.DelegatedRoleArn;
  const request = new AssumeRoleCommand({ RoleArn, RoleSessionName: 'test', ...parameters });
  expect(await refusal(sts.send(request))).toBe('400 ValidationError');
});
