import { text } from 'node:stream/consumers';
import {
  DeleteObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  RestoreObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { datasourceConnections } from '#aws/datasource-connections';
import type { ReadableDatasource } from '#platform/datasources/datasource-objects';
import type { LocalCloud } from '../../local/local-cloud.ts';
import {
  allowing,
  byRole,
  datasourceAt,
  lentRole,
  READS_AND_WRITES,
  serversOf,
} from '../support/foreign-datasources.ts';
import { clientsOf, startFixture } from '../support/local-stack.ts';

/** Which content is read: the version that is asked for, whatever has become of the file; and nothing from archives. */
let cloud: LocalCloud;
let objects: ReadableDatasource;
const BUCKET = 'their-images';
const PLAIN = 'without-versions';
/** As roles were asked for before versions were read by their ids. */
const WITHOUT_VERSIONS = ['s3:ListBucket', 's3:GetObject', 's3:GetObjectTagging'];

beforeAll(async () => {
  const foreignBuckets = [{ name: BUCKET, versioned: true }, PLAIN];
  cloud = await startFixture({ foreignRoles: [lentRole()], foreignBuckets });
});
afterAll(() => cloud.close());
const open = (bucket = BUCKET) =>
  datasourceConnections(serversOf(cloud)).open(datasourceAt('INPUT', byRole(`s3://${bucket}/in/`)));
beforeEach(async () => {
  cloud.foreignRoles.set(lentRole(allowing(...READS_AND_WRITES)));
  objects = await open();
});

async function put(name: string, Body: string, change: Partial<PutObjectCommandInput> = {}, Bucket = BUCKET) {
  const command = new PutObjectCommand({ Bucket, Key: `in/${name}`, Body, ...change });
  const { VersionId: versionId, ETag = '' } = await clientsOf(cloud).s3.send(command);
  return { versionId, eTag: ETag.replaceAll('"', '') };
}
const remove = (name: string, VersionId?: string) =>
  clientsOf(cloud).s3.send(
    new DeleteObjectCommand({ Bucket: BUCKET, Key: `in/${name}`, ...(VersionId && { VersionId }) }),
  );
const contentOf = async (name: string, version?: Parameters<ReadableDatasource['open']>[1]) => {
  const file = await objects.open(name, version);
  return file && text(file.body);
};
const ofUrl = async (url: string) => {
  const answer = await fetch(url);
  return answer.ok ? answer.text() : answer.status;
};

describe('a version', () => {
  test('is read as it was, after the file was overwritten and deleted', async () => {
    const [first, second] = [await put('a', 'first'), await put('a', 'second')];
    await remove('a');
    expect(await contentOf('a')).toBeUndefined();
    expect(await contentOf('a', { versionId: first.versionId })).toBe('first');
    expect(await contentOf('a', { versionId: second.versionId })).toBe('second');
    expect(await objects.head('a', { versionId: first.versionId })).toMatchObject({
      ...{ size: 5, versionId: first.versionId, eTag: first.eTag },
    });
    expect(await ofUrl(await objects.signRead('GET', 'a', 60, { versionId: first.versionId }))).toBe('first');
  });

  test('that was deleted for good is gone, and so is what the id of a delete marker names', async () => {
    const [first] = [await put('b', 'first'), await put('b', 'second')];
    await remove('b', first.versionId);
    const { VersionId: marker } = await remove('b');
    for (const versionId of [first.versionId, marker]) {
      expect(await contentOf('b', { versionId })).toBeUndefined();
      expect(await objects.head('b', { versionId })).toBeUndefined();
      expect(await objects.tags('b', { versionId })).toBeUndefined();
    }
  });

  test('that is newest is read by a role that may not read versions, and older ones are gone', async () => {
    const [first, second] = [await put('c', 'first'), await put('c', 'second')];
    cloud.foreignRoles.set(lentRole(allowing(...WITHOUT_VERSIONS)));
    expect(await contentOf('c', { versionId: second.versionId })).toBe('second');
    expect(await objects.head('c', { versionId: second.versionId })).toMatchObject({ size: 6 });
    expect(await objects.tags('c', { versionId: second.versionId })).toEqual({});
    expect(await contentOf('c', { versionId: first.versionId })).toBeUndefined();
    // A URL that no one can read with is worth nothing.
    expect(await ofUrl(await objects.signRead('GET', 'c', 60, { versionId: first.versionId }))).toBe(
      'second',
    );
  });
});

test('without versions, a file is meant while its eTag is this one', async () => {
  objects = await open(PLAIN);
  const first = await put('a', 'first', {}, PLAIN);
  expect(await contentOf('a', { eTag: first.eTag })).toBe('first');
  await put('a', 'second', {}, PLAIN);
  expect(await contentOf('a', { eTag: first.eTag })).toBeUndefined();
  expect(await objects.head('a', { eTag: first.eTag })).toBeUndefined();
  expect(await contentOf('a', { bytes: 3 })).toBe('sec');
  expect(await objects.open('a', { bytes: 3 }).then((file) => file?.size)).toBe(6);
});

describe('an archive', () => {
  const files = async () => {
    const page = await objects.list({ prefix: 'archive/', after: undefined, limit: 10 });
    return page.files.map(({ name, isArchived = false }) => [name, isArchived]);
  };

  test('is told of in listings, and what is in it is rejected until it is restored', async () => {
    await put('archive/1-deep', 'x', { StorageClass: 'DEEP_ARCHIVE' });
    await put('archive/2-glacier', 'x', { StorageClass: 'GLACIER' });
    await put('archive/3-instant', 'x', { StorageClass: 'GLACIER_IR' });
    await put('archive/4-rare', 'x', { StorageClass: 'STANDARD_IA' });
    expect(await files()).toEqual([
      ['archive/1-deep', true],
      ['archive/2-glacier', true],
      ['archive/3-instant', false],
      ['archive/4-rare', false],
    ]);
    expect(await objects.head('archive/2-glacier')).toMatchObject({ isArchived: true });
    const rejected = { name: 'RejectedError', code: 'ARCHIVED', message: expect.stringContaining('Restore') };
    await expect(objects.open('archive/2-glacier')).rejects.toMatchObject(rejected);
    expect(await contentOf('archive/3-instant')).toBe('x');
    const Key = 'in/archive/2-glacier';
    const RestoreRequest = { Days: 2 };
    await clientsOf(cloud).s3.send(new RestoreObjectCommand({ Bucket: BUCKET, Key, RestoreRequest }));
    expect((await files())[1]).toEqual(['archive/2-glacier', false]);
    expect(await objects.head('archive/2-glacier')).not.toHaveProperty('isArchived');
    expect(await contentOf('archive/2-glacier')).toBe('x');
  });
});
