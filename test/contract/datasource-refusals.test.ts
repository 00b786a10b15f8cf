import { PutObjectCommand, PutObjectTaggingCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { datasourceConnections } from '#aws/datasource-connections';
import type { S3Datasource } from '#aws/s3-datasource';
import { DatasourceError, RetryableError } from '#contracts/errors';
import type { DatasourceAccess } from '#contracts/input-settings';
import { policyDocument } from '../../local/access-policy.ts';
import type { ForeignBucket } from '../../local/foreign-buckets.ts';
import type { LocalCloud } from '../../local/local-cloud.ts';
import {
  allowing,
  byKeys,
  byRole,
  datasourceAt,
  EXTERNAL_ID,
  lentRole,
  ROLE_ARN,
  serversOf,
} from '../support/foreign-datasources.ts';
import { clientsOf, startFixture } from '../support/local-stack.ts';

/** What is told of refusals: what was asked, of what, and what to do; and what is no refusal although S3 says so. */
let cloud: LocalCloud;
const BUCKET = 'their-images';
const KEY = 'arn:aws:kms:eu-central-1:000000000000:key/1234';
const put = (Key: string, Body = Key) =>
  clientsOf(cloud).s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
const bucketIs = (change: Partial<ForeignBucket> = {}) =>
  cloud.foreignBuckets.set({ name: BUCKET, ...change });

beforeAll(async () => {
  cloud = await startFixture({ foreignRoles: [lentRole()], foreignBuckets: [BUCKET] });
  await put('in/a.png');
});
afterAll(() => cloud.close());
beforeEach(() => {
  cloud.foreignRoles.set(lentRole());
  bucketIs();
});

const open = (
  access: Partial<DatasourceAccess> = {},
  config: S3Datasource['config'] = byRole(`s3://${BUCKET}/in/`),
) => datasourceConnections(serversOf(cloud)).open(datasourceAt('INPUT', config, access));
const openToWrite = (config: S3Datasource['config'] = byRole(`s3://${BUCKET}/in/`)) =>
  datasourceConnections(serversOf(cloud)).open(datasourceAt('LIGHTLY', config));
const roleMay = (...actions: string[]) => cloud.foreignRoles.set(lentRole(allowing(...actions)));
const roleMayNot = (action: string) =>
  roleMay(
    ...['s3:ListBucket', 's3:GetObject', 's3:GetObjectTagging', 's3:PutObject', 's3:DeleteObject'].filter(
      (other) => other !== action,
    ),
  );
const list = { prefix: '', after: undefined, limit: 10 };
const text = { contentType: 'text/plain' };
const requestsTo = (objects: Awaited<ReturnType<typeof open>>) => [
  () => objects.list(list),
  () => objects.open('a.png'),
  () => objects.head('a.png'),
];
async function refused(asked: Promise<unknown>) {
  const error = await asked.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof DatasourceError)) throw new Error(`It was not refused: ${String(error)}`);
  return { ...error.problem, reason: error.message };
}

describe('a permission that is missing', () => {
  const OBJECTS = `arn:aws:s3:::${BUCKET}/in/*`;
  const WRITTEN = `arn:aws:s3:::${BUCKET}/in/.lightly/*`;
  test.each([
    ['s3:ListBucket', `arn:aws:s3:::${BUCKET}`, 'datasource', async () => (await open()).list(list)],
    ['s3:GetObject', OBJECTS, 'object', async () => (await open()).open('a.png')],
    ['s3:GetObject', OBJECTS, 'object', async () => (await open()).head('a.png')],
    ['s3:GetObjectTagging', OBJECTS, 'object', async () => (await open()).tags('a.png')],
    ['s3:PutObject', WRITTEN, 'object', async () => (await openToWrite()).put('.lightly/x', 'x', text)],
    [
      's3:PutObject',
      WRITTEN,
      'object',
      async () => (await openToWrite()).putIfAbsent('.lightly/x', 'x', text),
    ],
    ['s3:DeleteObject', WRITTEN, 'object', async () => (await openToWrite()).delete('.lightly/x')],
  ] as const)('%s on %s is named, to whom it has to be allowed too', async (action, resource, scope, ask) => {
    roleMayNot(action);
    const { reason, ...problem } = await refused(ask());
    expect(problem).toEqual({ code: 'DENIED', scope, action, resource });
    expect(reason).toContain(action);
    expect(reason).toContain(ROLE_ARN);
  });

  test('because the policy of the bucket denies it is told as what it is', async () => {
    const Statement = { Effect: 'Deny', Principal: '*', Action: 's3:GetObject', Resource: '*' };
    bucketIs({ policy: policyDocument.parse({ Statement }) });
    expect(await refused((await open()).open('a.png'))).toMatchObject({
      ...{ code: 'DENIED', action: 's3:GetObject', isForbidden: true },
      reason: expect.stringContaining('the policy of the bucket'),
    });
  });

  test('is told of without a word that S3 said', async () => {
    roleMayNot('s3:GetObject');
    const { reason } = await refused((await open()).open('a.png'));
    expect(reason).not.toMatch(/not authorized|Access Denied/);
    expect(reason).not.toContain(EXTERNAL_ID);
  });
});

describe('a file that S3 does not want to say of that it is gone', () => {
  /** As S3 answers to a session that may list a part of the bucket only. */
  const denyingReads = async <T>(work: () => Promise<T>): Promise<T> => {
    const answer = { code: 'AccessDenied', status: 403 };
    const end = cloud.faults.begin({ bucket: BUCKET, operations: ['GetObject', 'HeadObject'], answer });
    try {
      return await work();
    } finally {
      end();
    }
  };

  test('is gone, where it is not listed', async () => {
    const objects = await open();
    await denyingReads(async () => {
      expect(await objects.open('gone.png')).toBeUndefined();
      expect(await objects.head('gone.png')).toBeUndefined();
      // Another file whose name begins so.
      expect(await objects.head('a.pn')).toBeUndefined();
      expect(await refused(objects.head('a.png'))).toMatchObject({ code: 'DENIED', action: 's3:GetObject' });
    });
  });

  test('is denied, where listing is denied too', async () => {
    roleMayNot('s3:ListBucket');
    const objects = await open();
    await denyingReads(async () => {
      expect(await refused(objects.open('gone.png'))).toMatchObject({ code: 'DENIED', scope: 'object' });
    });
  });
});

describe('a KMS key', () => {
  beforeEach(async () => {
    bucketIs({ kmsKey: KEY });
    await put('in/secret.png');
  });

  test('that may not be used is told from a missing permission of S3', async () => {
    roleMay('s3:*');
    expect(await refused((await open()).open('secret.png'))).toMatchObject({
      ...{ code: 'KMS_DENIED', scope: 'object', action: 'kms:Decrypt' },
      reason: expect.stringContaining(ROLE_ARN),
    });
    expect(await refused((await openToWrite()).put('.lightly/new', 'x', text))).toMatchObject({
      ...{ code: 'KMS_DENIED', action: 'kms:GenerateDataKey' },
    });
    expect(await (await open()).head('secret.png')).toMatchObject({ size: 13 });
  });

  test('is used by sessions, but through S3 only', async () => {
    const objects = await openToWrite();
    await objects.put('.lightly/new', 'x', text);
    expect(await objects.open('.lightly/new')).toMatchObject({ size: 1 });
  });
});

describe('the bucket', () => {
  test('of another account than expected is told from a denial, and nothing is read or written', async () => {
    const expected = { bucketOwner: '111122223333' };
    const objects = await open(expected);
    for (const ask of requestsTo(objects)) {
      expect(await refused(ask())).toMatchObject({
        ...{ code: 'OTHER_OWNER', scope: 'datasource' },
        reason: expect.stringContaining('111122223333'),
      });
    }
    expect((await fetch(await objects.signRead('GET', 'a.png', 60))).status).toBe(403);
    const right = await open({ bucketOwner: '000000000000' });
    expect(await right.head('a.png')).toMatchObject({ size: 8 });
    expect((await fetch(await right.signRead('GET', 'a.png', 60))).status).toBe(200);
  });

  test('of an owner that nobody may find out is denied', async () => {
    roleMayNot('s3:ListBucket');
    const objects = await open({ bucketOwner: '111122223333' });
    expect(await refused(objects.open('a.png'))).toMatchObject({
      ...{ code: 'DENIED', reason: expect.stringContaining('belongs to another account than 111122223333') },
    });
  });

  test('whose requesters pay is read by who says that they do', async () => {
    const Statement = { Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: '*' };
    const policy = policyDocument.parse({ Statement });
    bucketIs({ accountId: '111122223333', requesterPays: true, policy });
    expect(await refused((await open()).list(list))).toMatchObject({
      ...{ code: 'DENIED', reason: expect.stringContaining('requesterPays') },
    });
    const objects = await open({ requesterPays: true });
    expect((await objects.list(list)).files.map(({ name }) => name)).toContain('a.png');
    expect(await objects.head('a.png')).toMatchObject({ size: 8 });
    expect(await objects.open('a.png')).toMatchObject({ size: 8 });
    expect(await objects.tags('a.png')).toEqual({});
    for (const method of ['GET', 'HEAD'] as const) {
      expect((await fetch(await objects.signRead(method, 'a.png', 60), { method })).status).toBe(200);
    }
  });

  test('of another region, or that is gone, is told by every request', async () => {
    bucketIs({ region: 'eu-west-1' });
    const objects = await open();
    for (const ask of requestsTo(objects)) {
      expect(await refused(ask())).toMatchObject({ code: 'OTHER_REGION', scope: 'datasource' });
    }
    cloud.foreignBuckets.delete(BUCKET);
    for (const ask of requestsTo(objects)) {
      expect(await refused(ask())).toMatchObject({ code: 'NO_SUCH_BUCKET', scope: 'datasource' });
    }
  });
});

describe('what passes', () => {
  test('is asked again', async () => {
    const objects = await datasourceConnections(serversOf(cloud, 4)).open(
      datasourceAt('INPUT', byRole(`s3://${BUCKET}/in/`)),
    );
    const end = cloud.faults.begin({ bucket: BUCKET, times: 2 });
    expect((await objects.list(list)).files.length).toBeGreaterThan(0);
    expect(end()).toBe(2);
  });

  test.each([
    ['SlowDown', 503],
    ['InternalError', 500],
    ['RequestTimeTooSkewed', 403],
  ])('%s is no problem of the datasource', async (code, status) => {
    const objects = await open();
    const end = cloud.faults.begin({ bucket: BUCKET, answer: { code, status } });
    for (const ask of requestsTo(objects)) {
      await expect(ask()).rejects.toBeInstanceOf(RetryableError);
    }
    end();
  });
});

test('tags of an object are read, and none where it is gone', async () => {
  const Tagging = { TagSet: [{ Key: 'site', Value: 'north 1' }] };
  await put('in/tagged.png');
  const Key = 'in/tagged.png';
  await clientsOf(cloud).s3.send(new PutObjectTaggingCommand({ Bucket: BUCKET, Key, Tagging }));
  const objects = await open();
  expect(await objects.tags('tagged.png')).toEqual({ site: 'north 1' });
  expect(await objects.head('tagged.png')).toMatchObject({ tagCount: 1 });
  expect(await objects.tags('gone.png')).toBeUndefined();
});

test('keys that are not valid are told by every request', async () => {
  const { accessKeyId } = cloud.connection;
  const objects = await open({}, byKeys(`s3://${BUCKET}/in/`, { accessKeyId, secretAccessKey: 'wrong' }));
  for (const ask of requestsTo(objects)) {
    expect(await refused(ask())).toMatchObject({ code: 'CREDENTIALS_INVALID', scope: 'datasource' });
  }
});
