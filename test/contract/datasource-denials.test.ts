import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { datasourceConnections } from '#aws/datasource-connections';
import { type DelegatedDatasource, delegatedSession } from '#aws/delegated-session';
import { RetryableError } from '#contracts/errors';
import type { DatasourceConnections } from '#platform/datasources/datasource-objects';
import type { Datasource } from '#platform/datasources/datasources';
import { policyDocument } from '../../local/access-policy.ts';
import { contentOf, namesIn, problemOf, verify, WHOLE } from '../support/datasource-reading.ts';
import { delegatedBucket, PREFIX } from '../support/delegated-bucket.ts';
import { type LocalTarget, startLocalTarget } from '../support/local-access-target.ts';

/** What ends or limits access that was there, and that of the simulations only the local cloud knows. */
const SESSION_SECONDS = 2;
const KEY = 'arn:aws:kms:us-east-1:123456789012:key/of-the-bucket';

let target: LocalTarget;
let connections: DatasourceConnections;
beforeAll(async () => {
  target = await startLocalTarget({ sessionSecondsCap: SESSION_SECONDS });
  connections = datasourceConnections(target.servers);
});
afterAll(() => target.close());

const open = (datasource: Datasource) => connections.open(datasource);

describe('session policies', () => {
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

describe('sessions that end', () => {
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

describe('roles that are deleted', () => {
  test('end their sessions, say so, and serve again once they are there', async () => {
    const bucket = await delegatedBucket(target);
    await bucket.put('a.png');
    const source = await open(bucket.datasource());
    expect(await namesIn(source)).toEqual(['a.png']);
    await bucket.deleteRole();
    const gone = { code: 'ROLE_NOT_ASSUMABLE', scope: 'datasource' };
    expect(await problemOf(source.open('a.png'))).toMatchObject(gone);
    expect(await problemOf(source.list(WHOLE))).toMatchObject(gone);
    await bucket.setRole();
    expect(await contentOf(source, 'a.png')).toBe('content of a.png');
  });
});

describe('keys of KMS', () => {
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
    const { verification, problems } = await verify(bucket, connections);
    expect(verification).toMatchObject({ canList: true, canRead: false, canWrite: false });
    expect(problems.map(({ action }) => action)).toContain('kms:GenerateDataKey');
    await bucket.setRole();
    expect(await contentOf(source, 'a.png')).toBe('content of a.png');
    expect((await verify(bucket, connections)).problems).toEqual([]);
  });
});

describe('policies of buckets', () => {
  const principal = { AWS: 'arn:aws:iam::123456789012:root' };
  const allow = { Effect: 'Allow', Principal: principal, Action: 's3:*', Resource: '*' };
  test('of another account than that of the role have to allow it', async () => {
    const policy = policyDocument.parse({ Statement: allow });
    const bucket = await delegatedBucket(target, { accountId: '999999999999' });
    await bucket.put('a.png');
    const source = await open(bucket.datasource());
    expect(await problemOf(source.list(WHOLE))).toMatchObject({ code: 'DENIED', action: 's3:ListBucket' });
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
    expect(reason).toContain('the policy of the bucket');
  });
});

describe('Requester Pays', () => {
  test('buckets serve whoever says that they pay', async () => {
    const policy = policyDocument.parse({
      Statement: { Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: '*' },
    });
    const bucket = await delegatedBucket(target, { accountId: '999999999999', requesterPays: true, policy });
    await bucket.put('a.png', { Tagging: 'camera=left' });
    const free = await open(bucket.datasource());
    expect(await problemOf(free.list(WHOLE))).toMatchObject({ code: 'DENIED' });
    const paid = await open(bucket.datasource({ access: { requesterPays: true } }));
    expect(await namesIn(paid)).toEqual(['a.png']);
    expect(await contentOf(paid, 'a.png')).toBe('content of a.png');
    expect(await paid.tags('a.png')).toEqual({ camera: 'left' });
    expect((await fetch(await paid.signRead('GET', 'a.png', 60))).status).toBe(200);
  });
});

describe('owners of buckets', () => {
  test('have to be those that were named', async () => {
    const bucket = await delegatedBucket(target, { accountId: '123456789012' });
    await bucket.put('a.png');
    const ofOwner = (bucketOwner: string) => open(bucket.datasource({ access: { bucketOwner } }));
    expect(await namesIn(await ofOwner('123456789012'))).toEqual(['a.png']);
    const wrong = await ofOwner('111111111111');
    expect(await problemOf(wrong.list(WHOLE))).toMatchObject({ code: 'OTHER_OWNER', scope: 'datasource' });
  });
});

describe('missing keys that are denied', () => {
  test('are absent where S3 says that only listing is refused', async () => {
    const bucket = await delegatedBucket(target, { without: ['list'] });
    const source = await open(bucket.datasource());
    expect(await source.head('none.png')).toBeUndefined();
  });

  test('are absent where listing tells so, and a denial where nothing does', async () => {
    // To other accounts S3 does not say what it is that is refused.
    const Statement = { Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: '*' };
    const policy = policyDocument.parse({ Statement });
    const bucket = await delegatedBucket(target, { accountId: '999999999999', policy });
    const source = await open(bucket.datasource());
    expect(await source.head('none.png')).toBeUndefined();
    await bucket.setRole({ without: ['list'] });
    expect(await problemOf(source.open('none.png'))).toMatchObject({ code: 'DENIED' });
  });
});

describe('503 SlowDown', () => {
  test('is not noticed where it passes; where it does not, the request is to be made again', async () => {
    const bucket = await delegatedBucket(target);
    for (const name of ['a.png', 'b.png', 'c.png']) await bucket.put(name);
    const source = await open(bucket.datasource());
    const endSome = target.cloud.faults.begin({ bucket: bucket.name, every: 3 });
    for (const name of ['a.png', 'b.png', 'c.png']) {
      expect(await contentOf(source, name)).toBe(`content of ${name}`);
    }
    expect(endSome()).toBeGreaterThan(0);
    const endAll = target.cloud.faults.begin({ bucket: bucket.name });
    await expect(source.open('a.png')).rejects.toThrow(RetryableError);
    endAll();
  });
});
