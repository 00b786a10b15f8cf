import { text } from 'node:stream/consumers';
import { DeleteObjectCommand, ListObjectsV2Command, RestoreObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { datasourceConnections } from '#aws/datasource-connections';
import { datasetDatasources } from '#contracts/datasources';
import { RejectedError } from '#contracts/errors';
import { newLandingDataset } from '#platform/datasets/datasets';
import { datasetImages } from '#platform/datasources/dataset-images';
import type { DatasourceConnections } from '#platform/datasources/datasource-objects';
import type { Datasource } from '#platform/datasources/datasources';
import type { AccessTarget } from '../support/access-target.ts';
import { contentOf, namesIn, problemOf, verify, WHOLE } from '../support/datasource-reading.ts';
import { type DelegatedBucket, delegatedBucket, EXTERNAL_ID, PREFIX } from '../support/delegated-bucket.ts';
import { startLocalTarget } from '../support/local-access-target.ts';
import { openMotoTarget } from '../support/moto-access-target.ts';

/** `npm run test:moto` has these tests run against moto's server too; by itself, it is the local cloud. */
const MOTO = process.env.MOTO_ENDPOINT;

let target: AccessTarget;
let connections: DatasourceConnections;
beforeAll(async () => {
  target = MOTO ? await openMotoTarget(MOTO) : await startLocalTarget();
  connections = datasourceConnections(target.servers);
});
afterAll(() => target.close());

const open = (datasource: Datasource) => connections.open(datasource);

describe('a role with the policy that Winnow asks for', () => {
  test('lends listing, reading, tags and metadata, below the prefix', async () => {
    const bucket = await delegatedBucket(target);
    await bucket.put('a.png', { Tagging: 'camera=left&trip=7', Metadata: { weather: 'rain' } });
    await bucket.put('b/c.png');
    await bucket.put('elsewhere.png', { Key: 'elsewhere.png' });
    const source = await open(bucket.datasource());
    expect(await namesIn(source)).toEqual(['a.png', 'b/c.png']);
    expect(await contentOf(source, 'b/c.png')).toBe('content of b/c.png');
    expect(await source.head('a.png')).toMatchObject({ metadata: { weather: 'rain' }, tagCount: 2 });
    expect(await source.tags('a.png')).toEqual({ camera: 'left', trip: '7' });
    expect(await source.open('none.png')).toBeUndefined();
  });

  test('is verified, and nothing is left behind', async () => {
    const bucket = await delegatedBucket(target, { purpose: 'INPUT_OUTPUT' });
    await bucket.put('a.png');
    const { verification, problems, hints } = await verify(bucket, connections);
    expect(verification).toEqual({ canList: true, canRead: true, canWrite: true, canOverwrite: true });
    expect({ problems, hints }).toEqual({ problems: [], hints: [] });
    const { Contents } = await target.owner.send(new ListObjectsV2Command({ Bucket: bucket.name }));
    expect(Contents?.map(({ Key }) => Key)).toEqual([`${PREFIX}a.png`]);
  });
});

describe('a missing statement', () => {
  test.each([
    ['list', 'canList', 's3:ListBucket'],
    ['read', 'canRead', 's3:GetObject'],
    ['write', 'canWrite', 's3:PutObject'],
  ] as const)(
    '%s is told with the action that it is about, and works once it is there',
    async (name, permission, action) => {
      const bucket = await delegatedBucket(target, { purpose: 'INPUT_OUTPUT', without: [name] });
      await bucket.put('a.png');
      const { verification, problems } = await verify(bucket, connections);
      expect(verification[permission]).toBe(false);
      expect(verification.errors?.[permission]).toContain(action);
      expect(problems.map((problem) => problem.action)).toContain(action);
      await bucket.setRole();
      expect((await verify(bucket, connections)).verification).not.toHaveProperty('errors');
    },
  );

  test('taken away later is told too, and works again once it is back', async () => {
    const bucket = await delegatedBucket(target);
    await bucket.put('a.png');
    const source = await open(bucket.datasource());
    await bucket.setRole({ without: ['read'] });
    expect(await problemOf(source.open('a.png'))).toMatchObject({ code: 'DENIED', action: 's3:GetObject' });
    await bucket.setRole();
    expect(await contentOf(source, 'a.png')).toBe('content of a.png');
  });

  test('on tags is no obstacle: it is a hint', async () => {
    const bucket = await delegatedBucket(target, { purpose: 'INPUT_OUTPUT', without: ['readTags'] });
    await bucket.put('a.png', { Tagging: 'camera=left' });
    const { problems, hints } = await verify(bucket, connections);
    expect(problems).toEqual([]);
    expect(hints.map(({ action }) => action)).toEqual(['s3:GetObjectTagging']);
  });
});

describe('the external ID', () => {
  test('has to be the one that the role asks for', async () => {
    const bucket = await delegatedBucket(target);
    const problem = await problemOf(open(bucket.datasource({ externalId: 'winnow-of-another-tenant' })));
    expect(problem).toMatchObject({
      code: 'ROLE_NOT_ASSUMABLE',
      scope: 'datasource',
      action: 'sts:AssumeRole',
    });
    expect(problem.reason).not.toContain(EXTERNAL_ID);
  });

  test('has to be asked for: a role that everybody may use through Winnow is refused', async () => {
    const bucket = await delegatedBucket(target, { externalId: undefined });
    expect(await problemOf(open(bucket.datasource()))).toMatchObject({
      code: 'ROLE_WITHOUT_EXTERNAL_ID',
      scope: 'datasource',
    });
    await bucket.setRole({ externalId: EXTERNAL_ID });
    expect(await namesIn(await open(bucket.datasource()))).toEqual([]);
  });
});

describe('versions', () => {
  test('stay readable after the image was replaced and deleted, through the dataset', async () => {
    const bucket = await delegatedBucket(target, { versioned: true });
    const { VersionId: versionId } = await bucket.put('a.png', { Body: 'judged' });
    expect(versionId).toEqual(expect.any(String));
    const { images, dataset } = datasetOn(bucket);
    const image = { fileName: 'a.png', bucket: bucket.name, key: `${PREFIX}a.png` };
    const readAs = async (version: { versionId?: string; eTag?: string }) => {
      const file = await images.open(dataset, { ...image, ...version });
      return file && { content: await text(file.body), versionId: file.versionId };
    };
    expect(await readAs({})).toEqual({ content: 'judged', versionId });
    const { VersionId: second } = await bucket.put('a.png', { Body: 'replaced' });
    expect(await readAs({ versionId: versionId! })).toEqual({ content: 'judged', versionId });
    expect(await readAs({})).toEqual({ content: 'replaced', versionId: second });
    await target.owner.send(new DeleteObjectCommand({ Bucket: image.bucket, Key: image.key }));
    expect(await readAs({ versionId: versionId! })).toEqual({ content: 'judged', versionId });
    expect(await readAs({})).toBeUndefined();
    expect(await namesIn((await images.of(dataset)).objects)).toEqual([]);
  });

  test('that never were or are gone are absent', async () => {
    const bucket = await delegatedBucket(target, { versioned: true });
    const { VersionId = '' } = await bucket.put('a.png');
    await target.owner.send(
      new DeleteObjectCommand({ Bucket: bucket.name, Key: `${PREFIX}a.png`, VersionId }),
    );
    const source = await open(bucket.datasource());
    expect(await source.head('a.png', { versionId: VersionId })).toBeUndefined();
  });
});

describe('archived objects', () => {
  test('are told in listings, rejected when they are read, and read once they are restored', async () => {
    const bucket = await delegatedBucket(target);
    await bucket.put('cold.png', { StorageClass: 'GLACIER' });
    await bucket.put('cool.png', { StorageClass: 'GLACIER_IR' });
    const source = await open(bucket.datasource());
    const archived = async () =>
      (await source.list(WHOLE)).files.filter(({ isArchived }) => isArchived).map(({ name }) => name);
    expect(await archived()).toEqual(['cold.png']);
    const refusal = await source.open('cold.png').catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(RejectedError);
    expect(refusal).toMatchObject({ code: 'ARCHIVED' });
    expect(await contentOf(source, 'cool.png')).toBe('content of cool.png');
    const object = { Bucket: bucket.name, Key: `${PREFIX}cold.png` };
    await target.owner.send(new RestoreObjectCommand({ ...object, RestoreRequest: { Days: 1 } }));
    expect(await contentOf(source, 'cold.png')).toBe('content of cold.png');
  });
});

/** A dataset whose images are in the bucket. */
function datasetOn({ datasource }: DelegatedBucket) {
  const { config } = datasource();
  const dataset = newLandingDataset(
    'd'.repeat(24),
    'pinned',
    { landing: 'landing', platform: 'platform' },
    1,
  );
  const stored = datasetDatasources.parse({
    datasetId: dataset.id,
    version: 1,
    configs: [config],
    lastModifiedAt: 1,
  });
  const images = datasetImages({
    datasources: { get: async () => stored },
    datasourceConnections: connections,
    now: Date.now,
  });
  return { images, dataset };
}
