import { text } from 'node:stream/consumers';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  RestoreObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { datasourceConnections } from '#aws/datasource-connections';
import { type DelegatedDatasource, delegatedSession } from '#aws/delegated-session';
import { datasetDatasources } from '#contracts/datasources';
import { DatasourceError, RejectedError, RetryableError } from '#contracts/errors';
import { newLandingDataset } from '#platform/datasets/datasets';
import { datasetImages } from '#platform/datasources/dataset-images';
import type { DatasourceConnections, ReadableDatasource } from '#platform/datasources/datasource-objects';
import type { Datasource } from '#platform/datasources/datasources';
import { verifyDatasources } from '#platform/datasources/verify-datasource';
import { policyDocument } from '../../local/access-policy.ts';
import type { AccessTarget, Feature } from '../support/access-target.ts';
import { type DelegatedBucket, delegatedBucket, EXTERNAL_ID, PREFIX } from '../support/delegated-bucket.ts';
import { startLocalTarget } from '../support/local-access-target.ts';
import { openMotoTarget } from '../support/moto-access-target.ts';

/** `npm run test:moto` has the same tests run against moto's server; it knows less of access than the local cloud. */
const MOTO = process.env.MOTO_ENDPOINT;
const SESSION_SECONDS = 2;
const KEY = 'arn:aws:kms:us-east-1:123456789012:key/of-the-bucket';

let target: AccessTarget;
let connections: DatasourceConnections;
beforeAll(async () => {
  target = MOTO ? await openMotoTarget(MOTO) : await startLocalTarget({ sessionSecondsCap: SESSION_SECONDS });
  connections = datasourceConnections(target.servers);
});
afterAll(() => target.close());

/** Tests that need a server which knows a feature; elsewhere one test says that they were not run. */
function describeWith(feature: Feature, block: () => void): void {
  describe(feature, () => {
    if (!MOTO) return block();
    test(`not run: moto does not know ${feature}`, () => expect(target.knows(feature)).toBe(false));
  });
}

const open = (datasource: Datasource): Promise<ReadableDatasource> => connections.open(datasource);
const list = { prefix: '', after: undefined, limit: 1000 };
const namesIn = async (source: ReadableDatasource) => (await source.list(list)).files.map(({ name }) => name);
const contentOf = async (source: ReadableDatasource, name: string, version = {}) => {
  const file = await source.open(name, version);
  return file && text(file.body);
};
/** What a refusal says that its owner has to put right. */
const problemOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DatasourceError)) throw error ?? new Error('Expected a DatasourceError: it worked');
  return { ...error.problem, reason: error.message };
};
const verify = ({ datasource }: DelegatedBucket) =>
  verifyDatasources(
    { input: datasource(), lightly: datasource({ use: 'LIGHTLY' }) },
    { datasourceConnections: connections, now: Date.now },
  );

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
    const { verification, problems, hints } = await verify(bucket);
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
      const { verification, problems } = await verify(bucket);
      expect(verification[permission]).toBe(false);
      expect(verification.errors?.[permission]).toContain(action);
      expect(problems.map((problem) => problem.action)).toContain(action);
      await bucket.setRole();
      expect((await verify(bucket)).verification).not.toHaveProperty('errors');
    },
  );

  test('on tags is no obstacle: it is a hint', async () => {
    const bucket = await delegatedBucket(target, { purpose: 'INPUT_OUTPUT', without: ['readTags'] });
    await bucket.put('a.png', { Tagging: 'camera=left' });
    const { problems, hints } = await verify(bucket);
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
      (await source.list(list)).files.filter(({ isArchived }) => isArchived).map(({ name }) => name);
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

describeWith('session policies', () => {
  test('leave nothing of a role that may more but what the datasource needs', async () => {
    const bucket = await delegatedBucket(target);
    for (const name of ['a.png', 'b/c.png']) await bucket.put(name);
    const everything = { Sid: 'All', Effect: 'Allow', Action: ['s3:*'], Resource: '*' } as const;
    await bucket.setRole({ statements: [everything] });
    const datasource = bucket.datasource({ prefix: `${PREFIX}b/` });
    const source = await open(datasource);
    expect(await namesIn(source)).toEqual(['c.png']);
    for (const method of ['put', 'putIfAbsent', 'delete', 'signWrite'])
      expect(source).not.toHaveProperty(method);
    const session = await delegatedSession(
      new STSClient(target.servers.sts ?? {}),
      datasource as DelegatedDatasource,
    );
    const s3 = new S3Client({ ...target.servers.s3, credentials: session });
    const ask = (Key: string) => ({ Bucket: bucket.name, Key: `${PREFIX}${Key}` });
    const outcome = (answer: Promise<unknown>) =>
      answer.then(
        () => 'done',
        ({ name }: Error) => name,
      );
    const outcomes = await Promise.all([
      outcome(s3.send(new GetObjectCommand(ask('b/c.png')))),
      outcome(s3.send(new GetObjectCommand(ask('a.png')))),
      outcome(s3.send(new ListObjectsV2Command({ Bucket: bucket.name, Prefix: PREFIX }))),
      outcome(s3.send(new PutObjectCommand({ ...ask('b/new.png'), Body: 'x' }))),
      outcome(s3.send(new DeleteObjectCommand(ask('b/c.png')))),
    ]);
    expect(outcomes).toEqual(['done', 'AccessDenied', 'AccessDenied', 'AccessDenied', 'AccessDenied']);
  });
});

describeWith('sessions that end', () => {
  test('are renewed without anybody noticing, also while a clock is behind', async () => {
    const bucket = await delegatedBucket(target);
    await bucket.put('a.png');
    const started = Date.now();
    const behind = datasourceConnections(target.servers, () => started);
    const sources = [await open(bucket.datasource()), await behind.open(bucket.datasource())];
    for (const source of sources) expect(await namesIn(source)).toEqual(['a.png']);
    await new Promise((resolve) => setTimeout(resolve, started + SESSION_SECONDS * 1000 + 200 - Date.now()));
    for (const source of sources) {
      expect(await contentOf(source, 'a.png')).toBe('content of a.png');
      expect(await source.head('a.png')).toMatchObject({ name: 'a.png' });
      expect(await namesIn(source)).toEqual(['a.png']);
    }
  });
});

describeWith('roles that are deleted', () => {
  test('end their sessions, say so, and serve again once they are there', async () => {
    const bucket = await delegatedBucket(target);
    await bucket.put('a.png');
    const source = await open(bucket.datasource());
    expect(await namesIn(source)).toEqual(['a.png']);
    await bucket.deleteRole();
    const gone = { code: 'ROLE_NOT_ASSUMABLE', scope: 'datasource' };
    expect(await problemOf(source.open('a.png'))).toMatchObject(gone);
    expect(await problemOf(source.list(list))).toMatchObject(gone);
    await bucket.setRole();
    expect(await contentOf(source, 'a.png')).toBe('content of a.png');
  });

  test('are told from roles that have lost a permission', async () => {
    const bucket = await delegatedBucket(target);
    await bucket.put('a.png');
    const source = await open(bucket.datasource());
    await bucket.setRole({ without: ['read'] });
    expect(await problemOf(source.open('a.png'))).toMatchObject({ code: 'DENIED', action: 's3:GetObject' });
    await bucket.setRole();
    expect(await contentOf(source, 'a.png')).toBe('content of a.png');
  });
});

describeWith('keys of KMS', () => {
  test('have to be allowed for reading and for writing', async () => {
    const bucket = await delegatedBucket(target, {
      kmsKey: KEY,
      purpose: 'INPUT_OUTPUT',
      without: ['useKey'],
    });
    await bucket.put('a.png');
    const source = await open(bucket.datasource());
    expect(await namesIn(source)).toEqual(['a.png']);
    const problem = await problemOf(source.open('a.png'));
    expect(problem).toMatchObject({ code: 'KMS_DENIED', scope: 'object', action: 'kms:Decrypt' });
    const { verification, problems } = await verify(bucket);
    expect(verification).toMatchObject({ canList: true, canRead: false, canWrite: false });
    expect(problems.map(({ action }) => action)).toContain('kms:GenerateDataKey');
    await bucket.setRole();
    expect(await contentOf(source, 'a.png')).toBe('content of a.png');
    expect((await verify(bucket)).problems).toEqual([]);
  });
});

describeWith('policies of buckets', () => {
  const principal = { AWS: 'arn:aws:iam::123456789012:root' };
  const allow = { Effect: 'Allow', Principal: principal, Action: 's3:*', Resource: '*' };
  test('of another account than that of the role have to allow it', async () => {
    const policy = policyDocument.parse({ Statement: allow });
    const bucket = await delegatedBucket(target, { accountId: '999999999999' });
    await bucket.put('a.png');
    const source = await open(bucket.datasource());
    expect(await problemOf(source.list(list))).toMatchObject({ code: 'DENIED', action: 's3:ListBucket' });
    await bucket.setBucket({ policy });
    expect(await namesIn(source)).toEqual(['a.png']);
  });

  test('that deny something have the last word', async () => {
    const deny = { Effect: 'Deny', Principal: '*', Action: 's3:GetObject', Resource: '*' };
    const bucket = await delegatedBucket(target, {
      policy: policyDocument.parse({ Statement: [allow, deny] }),
    });
    await bucket.put('a.png');
    const source = await open(bucket.datasource());
    expect(await namesIn(source)).toEqual(['a.png']);
    const { reason, ...problem } = await problemOf(source.open('a.png'));
    expect(problem).toMatchObject({ code: 'DENIED', action: 's3:GetObject', scope: 'object' });
    expect(reason).toContain("bucket's");
  });
});

describeWith('Requester Pays', () => {
  test('buckets serve whoever says that they pay', async () => {
    const policy = policyDocument.parse({
      Statement: { Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: '*' },
    });
    const bucket = await delegatedBucket(target, { accountId: '999999999999', requesterPays: true, policy });
    await bucket.put('a.png', { Tagging: 'camera=left' });
    const free = await open(bucket.datasource());
    expect(await problemOf(free.list(list))).toMatchObject({ code: 'DENIED' });
    const paid = await open(bucket.datasource({ access: { requesterPays: true } }));
    expect(await namesIn(paid)).toEqual(['a.png']);
    expect(await contentOf(paid, 'a.png')).toBe('content of a.png');
    expect(await paid.tags('a.png')).toEqual({ camera: 'left' });
    expect((await fetch(await paid.signRead('GET', 'a.png', 60))).status).toBe(200);
  });
});

describeWith('owners of buckets', () => {
  test('have to be those that were named', async () => {
    const bucket = await delegatedBucket(target, { accountId: '123456789012' });
    await bucket.put('a.png');
    const ofOwner = (bucketOwner: string) => open(bucket.datasource({ access: { bucketOwner } }));
    expect(await namesIn(await ofOwner('123456789012'))).toEqual(['a.png']);
    const wrong = await ofOwner('111111111111');
    expect(await problemOf(wrong.list(list))).toMatchObject({ code: 'OTHER_OWNER', scope: 'datasource' });
  });
});

describeWith('missing keys that are denied', () => {
  test('are absent where listing tells so, and a denial where nothing does', async () => {
    const bucket = await delegatedBucket(target);
    const source = await open(bucket.datasource());
    expect(await source.head('none.png')).toBeUndefined();
    await bucket.setRole({ without: ['list'] });
    expect(await problemOf(source.open('none.png'))).toMatchObject({ code: 'DENIED' });
  });
});

describeWith('faults', () => {
  test('that pass are not noticed; those that do not are to be tried again', async () => {
    const bucket = await delegatedBucket(target);
    for (const name of ['a.png', 'b.png', 'c.png']) await bucket.put(name);
    const source = await open(bucket.datasource());
    const endSome = target.slowDown(bucket.name, 3);
    for (const name of ['a.png', 'b.png', 'c.png']) {
      expect(await contentOf(source, name)).toBe(`content of ${name}`);
    }
    expect(endSome()).toBeGreaterThan(0);
    const endAll = target.slowDown(bucket.name, 1);
    await expect(source.open('a.png')).rejects.toThrow(RetryableError);
    endAll();
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
