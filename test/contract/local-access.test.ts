import { createHash, createHmac } from 'node:crypto';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LocalCloud } from '../../local/local-cloud.ts';
import { clientsOf, startFixture } from '../support/local-stack.ts';

let cloud: LocalCloud;
beforeAll(async () => {
  cloud = await startFixture();
});
afterAll(() => cloud.close());

const failure = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    ({ name }: Error) => name,
  );
const assume = (parameters: { ExternalId?: string; Policy?: string; RoleArn?: string }) =>
  clientsOf(cloud).sts.send(
    new AssumeRoleCommand({
      RoleArn: cloud.outputs.DelegatedRoleArn,
      RoleSessionName: 'test',
      DurationSeconds: 900,
      ...parameters,
    }),
  );
async function sessionWith(Policy?: string) {
  const { Credentials } = await assume({ ExternalId: 'agreed-external-id', ...(Policy && { Policy }) });
  return {
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
    expiration: Credentials!.Expiration!,
  };
}

describe('a signature', () => {
  test.each([
    ['an unknown key', { accessKeyId: 'AKIAUNKNOWN000000000' }],
    ['a wrong secret', { secretAccessKey: 'wrong' }],
  ])('with %s is refused by every service', async (_, wrong) => {
    const { accessKeyId, secretAccessKey, buckets } = cloud.connection;
    const { s3, sqs, dynamodb, sts } = clientsOf(cloud, { accessKeyId, secretAccessKey, ...wrong });
    const Key = { pk: { S: 'a' }, sk: { S: 'b' } };
    const outcomes = await Promise.all([
      failure(s3.send(new GetObjectCommand({ Bucket: buckets.exports, Key: 'x' }))),
      failure(sqs.send(new ListQueuesCommand({}))),
      failure(dynamodb.send(new GetItemCommand({ TableName: cloud.tableName, Key }))),
      failure(sts.send(new GetCallerIdentityCommand({}))),
    ]);
    const expected = 'accessKeyId' in wrong ? 'InvalidAccessKeyId' : 'SignatureDoesNotMatch';
    expect(outcomes).toEqual([expected, expected, expected, expected]);
  });

  test('tells STS who signed', async () => {
    const { Account, Arn } = await clientsOf(cloud).sts.send(new GetCallerIdentityCommand({}));
    expect({ Account, Arn }).toEqual({ Account: '000000000000', Arn: 'arn:aws:iam::000000000000:root' });
  });
});

test("a function's request outside its role is denied", async () => {
  const response = await fetch(`${cloud.connection.apiUrl}forbidden`);
  expect({ status: response.status, error: await response.json() }).toEqual({
    status: 403,
    error: 'AccessDenied',
  });
});

describe('a role', () => {
  test.each([
    ['a wrong external ID', { ExternalId: 'guessed' }],
    ['no external ID', {}],
    [
      'the name of no role',
      { ExternalId: 'agreed-external-id', RoleArn: 'arn:aws:iam::000000000000:role/none' },
    ],
    ['the name of a role for Lambda only', { RoleArn: 'arn:aws:iam::000000000000:role/Fixture-WorkerRole' }],
  ])('is not assumed with %s', async (_, parameters) => {
    expect(await failure(assume(parameters))).toBe('AccessDenied');
  });

  test('is assumed with the agreed external ID, for what its policies allow', async () => {
    const session = await sessionWith();
    const { s3, sqs } = clientsOf(cloud, session);
    const { exports, archive } = cloud.connection.buckets;
    const put = (Bucket: string) => failure(s3.send(new PutObjectCommand({ Bucket, Key: 'a/b', Body: 'x' })));
    expect(await put(exports)).toBe('no error');
    expect(await put(archive)).toBe('AccessDenied');
    expect(await failure(sqs.send(new ListQueuesCommand({})))).toBe('AccessDenied');
    expect(session.expiration.getTime() - Date.now()).toBeGreaterThan(890_000);
    expect(session.expiration.getTime() - Date.now()).toBeLessThanOrEqual(900_000);
  });

  test('is narrowed by the session policy, also in presigned URLs', async () => {
    const { exports } = cloud.connection.buckets;
    const allowed = { Effect: 'Allow', Action: 's3:*', Resource: `arn:aws:s3:::${exports}/mine/*` };
    const { s3 } = clientsOf(cloud, await sessionWith(JSON.stringify({ Statement: [allowed] })));
    const put = (Key: string, Body?: string) =>
      new PutObjectCommand({ Bucket: exports, Key, ...(Body && { Body }) });
    const putBySignedUrl = async (Key: string) =>
      (await fetch(await getSignedUrl(s3, put(Key)), { method: 'PUT', body: 'x' })).status;
    expect(await failure(s3.send(put('mine/a', 'x')))).toBe('no error');
    expect(await failure(s3.send(put('yours/a', 'x')))).toBe('AccessDenied');
    expect(await putBySignedUrl('mine/b')).toBe(200);
    expect(await putBySignedUrl('yours/b')).toBe(403);
  });

  test('cannot be used with the token of another session', async () => {
    const [one, other] = [await sessionWith(), await sessionWith()];
    const { s3 } = clientsOf(cloud, { ...one, sessionToken: other.sessionToken });
    const get = new GetObjectCommand({ Bucket: cloud.connection.buckets.exports, Key: 'x' });
    expect(await failure(s3.send(get))).toBe('InvalidToken');
  });
});

test('the token of the connection is the generated secret', async () => {
  const { token, endpoints, region, accessKeyId, secretAccessKey } = cloud.connection;
  expect(token).toMatch(/^[A-Za-z0-9]{40}$/);
  const body = JSON.stringify({ SecretId: cloud.outputs.TokenSecretArn });
  const { origin, host } = new URL(endpoints.sts);
  const response = await fetch(origin, {
    method: 'POST',
    body,
    headers: signedHeaders({ host, body, region, accessKeyId, secretAccessKey }),
  });
  expect(await response.json()).toMatchObject({ SecretString: token, ARN: cloud.outputs.TokenSecretArn });
});

/** Signature Version 4 of a Secrets Manager request, written out: no SDK client of that service is installed. */
function signedHeaders(request: {
  readonly host: string;
  readonly body: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}): Record<string, string> {
  const { host, body, region, accessKeyId, secretAccessKey } = request;
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${time.slice(0, 8)}/${region}/secretsmanager/aws4_request`;
  const target = 'secretsmanager.GetSecretValue';
  const names = 'host;x-amz-date;x-amz-target';
  const headers = `host:${host}\nx-amz-date:${time}\nx-amz-target:${target}\n`;
  const canonical = `POST\n/\n\n${headers}\n${names}\n${sha256(body)}`;
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`;
  const key = scope
    .split('/')
    .reduce<Buffer>((previous, part) => hmac(previous, part), Buffer.from(`AWS4${secretAccessKey}`));
  return {
    'x-amz-date': time,
    'x-amz-target': target,
    'content-type': 'application/x-amz-json-1.1',
    authorization:
      `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, ` +
      `Signature=${hmac(key, text).toString('hex')}`,
  };
}
const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
