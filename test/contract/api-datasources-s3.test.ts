import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DatasourceConfig } from '#contracts/protocol/types.gen';
import { policyDocument } from '../../local/access-policy.ts';
import type { LocalCloud } from '../../local/local-cloud.ts';
import type { RolePlan } from '../../local/plan-types.ts';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { clientsOf, startFixture } from '../support/local-stack.ts';

/** Buckets of an account that checks signatures and permissions; the API's own ones are elsewhere. */
let cloud: LocalCloud;
let world: ApiWorld;
let bucket: string;
let path: { datasetId: string };
/** How far the API's clock is ahead, in ms. */
let ahead = 0;

const EXTERNAL_ID = 'agreed-external-id';
const ALL = ['s3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:DeleteObject'];
const without = (action: string) => ALL.filter((other) => other !== action);
const roleArn = (name: string) => `arn:aws:iam::000000000000:role/${name}`;

function role(name: string, actions: readonly string[], externalId: string | undefined): RolePlan {
  const Condition = externalId && { StringEquals: { 'sts:ExternalId': externalId } };
  const Principal = { AWS: 'arn:aws:iam::000000000000:root' };
  const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal, ...(Condition && { Condition }) };
  return {
    arn: roleArn(name),
    name,
    trust: policyDocument.parse({ Statement: trust }),
    policies: [policyDocument.parse({ Statement: { Effect: 'Allow', Action: [...actions], Resource: '*' } })],
    maximumSessionSeconds: 43_200,
  };
}

beforeAll(async () => {
  const limited = ALL.map((action) => role(`no-${action.slice(3)}`, without(action), EXTERNAL_ID));
  const foreignRoles = [role('full', ALL, EXTERNAL_ID), role('open', ALL, undefined), ...limited];
  cloud = await startFixture({ foreignRoles });
  const { endpoints, region, accessKeyId, secretAccessKey, buckets } = cloud.connection;
  bucket = buckets.archive;
  const credentials = { accessKeyId, secretAccessKey };
  world = await startApiWorld({
    now: () => Date.now() + ahead,
    datasourceServers: {
      s3: { endpoint: endpoints.s3, forcePathStyle: true, region, credentials, maxAttempts: 1 },
      sts: { endpoint: endpoints.sts, region, credentials, maxAttempts: 1 },
    },
  });
  for (const file of ['in/a.png', 'in/b/c.jpg', 'in/.lightly/x.png', 'elsewhere/secret.png']) {
    await clientsOf(cloud).s3.send(new PutObjectCommand({ Bucket: bucket, Key: file, Body: file }));
  }
});
afterAll(async () => {
  await world.stop();
  await cloud.close();
});
let made = 0;
beforeEach(async () => {
  made += 1;
  const { id } = await world.call('create_dataset', { body: { name: `s3-${made}` } });
  path = { datasetId: id };
});

const set = (body: DatasourceConfig) => world.call('update_datasource_by_dataset_id', { path, body });
const delegated = (name: string, purpose: 'INPUT' | 'LIGHTLY' | 'INPUT_OUTPUT', folder = 'in') =>
  ({
    type: 'S3DelegatedAccess',
    purpose,
    fullPath: `s3://${bucket}/${folder}`,
    s3Region: 'eu-central-1',
    s3ExternalId: EXTERNAL_ID,
    s3ARN: roleArn(name),
  }) as const;
const byKeys = (change = {}) => {
  const { accessKeyId, secretAccessKey } = cloud.connection;
  return {
    type: 'S3',
    purpose: 'INPUT_OUTPUT',
    fullPath: `s3://${bucket}/in/`,
    s3Region: 'eu-central-1',
    s3AccessKeyId: accessKeyId,
    s3SecretAccessKey: secretAccessKey,
    ...change,
  } as const;
};
const LIST = 'get_list_of_raw_samples_from_datasource_by_dataset_id';
const verify = () => world.call('verify_datasource_by_dataset_id', { path });
const keysIn = async (prefix: string) => {
  const listing = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix });
  return ((await clientsOf(cloud).s3.send(listing)).Contents ?? []).map(({ Key }) => Key);
};
/** What a redirected URL leads to. */
async function follow(readUrl: string) {
  const { searchParams } = new URL(readUrl);
  const query = { path: searchParams.get('path')! };
  const publicToken = searchParams.get('publicToken')!;
  const { headers } = await world.send('get_resource_read_url_redirect', { path, query, publicToken });
  return fetch(headers.location!);
}

describe('a bucket by access key', () => {
  test('is verified, listed and read, and nothing is left in it', async () => {
    await set(byKeys());
    expect(await verify()).toEqual({ canRead: true, canWrite: true, canList: true, canOverwrite: true });
    expect(await keysIn('in/.lightly/verify/')).toEqual([]);
    const { data } = await world.call(LIST, { path });
    const contents = data.map(async ({ fileName, readUrl }) => [
      fileName,
      await (await fetch(readUrl)).text(),
    ]);
    expect(await Promise.all(contents)).toEqual([
      ['a.png', 'in/a.png'],
      ['b/c.jpg', 'in/b/c.jpg'],
    ]);
  });

  test.each([
    ['a wrong secret', { s3SecretAccessKey: 'wrong' }, 'not valid'],
    ['an unknown key', { s3AccessKeyId: 'AKIAUNKNOWN000000000' }, 'not valid'],
    ['a bucket that is not there', { fullPath: 's3://no-such-bucket-anywhere' }, 'does not exist'],
  ])('with %s says so', async (_, change, said) => {
    await set(byKeys(change));
    const { errors, ...can } = await verify();
    expect(can).toEqual({ canRead: false, canWrite: false, canList: false, canOverwrite: false });
    expect(errors?.canList).toContain(said);
    expect(errors?.canWrite).toContain(said);
    const { status, error } = await world.refused(LIST, { path });
    expect({ status, error }).toMatchObject({
      status: 400,
      error: { code: 'DATASET_DATASOURCE_CREDENTIALS_ERROR' },
    });
  });

  test('takes the new secret at once', async () => {
    await set(byKeys({ s3SecretAccessKey: 'wrong' }));
    await world.refused(LIST, { path });
    await set(byKeys());
    expect((await world.call(LIST, { path })).data).toHaveLength(2);
  });
});

describe('a bucket by delegated access', () => {
  test('is verified, and listed with URLs that lead through the API', async () => {
    await set(delegated('full', 'INPUT_OUTPUT'));
    expect(await verify()).toEqual({ canRead: true, canWrite: true, canList: true, canOverwrite: true });
    const { data } = await world.call(LIST, { path });
    expect(data.map(({ fileName }) => fileName)).toEqual(['a.png', 'b/c.jpg']);
    expect(await (await follow(data[0]!.readUrl)).text()).toBe('in/a.png');
  });

  test('keeps its session for some time, and begins another one before it ends', async () => {
    await set(delegated('full', 'INPUT'));
    const sessionOf = async () => {
      const query = { path: 'a.png' };
      const { headers } = await world.send('get_resource_read_url_redirect', { path, query });
      expect((await fetch(headers.location!)).status).toBe(200);
      return new URL(headers.location!).searchParams.get('X-Amz-Security-Token');
    };
    const sessions = [await sessionOf(), await sessionOf()];
    ahead = 50 * 60 * 1000;
    sessions.push(await sessionOf());
    ahead = 0;
    expect(sessions[0]).toEqual(expect.any(String));
    expect(sessions[1]).toBe(sessions[0]);
    expect(sessions[2]).not.toBe(sessions[0]);
  });

  test.each([
    ['ListBucket', { canList: false, canRead: false, canWrite: true, canOverwrite: true }, 'canList'],
    ['GetObject', { canList: true, canRead: false, canWrite: true, canOverwrite: true }, 'canRead'],
    ['PutObject', { canList: true, canRead: true, canWrite: false, canOverwrite: false }, 'canWrite'],
    ['DeleteObject', { canList: true, canRead: true, canWrite: false, canOverwrite: true }, 'canWrite'],
  ] as const)('without s3:%s says what was denied, to whom', async (action, expected, permission) => {
    await set(delegated(`no-${action}`, 'INPUT_OUTPUT', `${action}/in`));
    const key = `${action}/in/a.png`;
    await clientsOf(cloud).s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'x' }));
    const { errors, ...can } = await verify();
    expect(can).toEqual(expected);
    expect(errors?.[permission]).toContain(`s3:${action} on arn:aws:s3:::${bucket}`);
    expect(errors?.[permission]).toContain(roleArn(`no-${action}`));
  });

  test.each([
    ['another external ID', { s3ExternalId: 'another-external-id' }, "can't be assumed"],
    ['a role that is not there', { s3ARN: roleArn('nobody') }, "can't be assumed"],
    ['a role that everybody may assume', { s3ARN: roleArn('open') }, 'without an external ID'],
  ])('with %s is refused', async (_, change, said) => {
    await set({ ...delegated('full', 'INPUT_OUTPUT'), ...change });
    const { errors, canList, canWrite } = await verify();
    expect({ canList, canWrite }).toEqual({ canList: false, canWrite: false });
    expect(errors?.canList).toContain(said);
    expect(await world.refused(LIST, { path })).toMatchObject({
      status: 400,
      error: { code: 'DATASET_DATASOURCE_CREDENTIALS_ERROR' },
    });
  });

  test('lends no more of the role than the datasource needs', async () => {
    await set(delegated('full', 'INPUT'));
    await set(delegated('full', 'LIGHTLY', 'out'));
    const dataset = (await world.deps.datasets.get(path.datasetId))!;
    const stored = await world.deps.datasources.get(path.datasetId);
    const config = stored!.configs.find(({ purpose }) => purpose === 'INPUT')!;
    const open = (use: 'INPUT' | 'LIGHTLY', prefix: string) =>
      world.deps.datasourceConnections.open({
        ...{ id: dataset.id, use: use as 'LIGHTLY', config, place: { bucket, prefix } },
        access: { requesterPays: false, pathStyle: false },
      });
    const input = await open('INPUT', 'in/');
    expect(Object.keys(input).sort()).toEqual(['head', 'list', 'open', 'signRead', 'tags']);
    expect(await input.head('a.png')).toMatchObject({ size: 8 });
    const png = { contentType: 'image/png' };
    const lightly = await open('LIGHTLY', 'out/');
    await lightly.put('.lightly/new.png', 'x', png);
    await lightly.delete('.lightly/new.png');
  });
});
