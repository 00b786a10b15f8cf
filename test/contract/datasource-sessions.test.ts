import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { datasourceConnections } from '#aws/datasource-connections';
import { delegatedSession } from '#aws/delegated-session';
import { DatasourceError } from '#contracts/errors';
import type { LocalCloud } from '../../local/local-cloud.ts';
import { byRole, datasourceAt, lentRole, ROLE_ARN, serversOf } from '../support/foreign-datasources.ts';
import { clientsOf, startFixture } from '../support/local-stack.ts';

/** Sessions of a role of another account: how long they last, what is in them, and what happens when they end. */
let cloud: LocalCloud;
/** What the connections take the time for; S3 and STS have their own. */
let clock = Date.now;
const BUCKET = 'their-images';
const MINUTE = 60_000;

beforeAll(async () => {
  cloud = await startFixture({ foreignRoles: [lentRole()], foreignBuckets: [BUCKET] });
  for (const Key of ['in/a.png', 'in/b.png', 'elsewhere/secret.png']) {
    await clientsOf(cloud).s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Key }));
  }
});
afterAll(() => cloud.close());
beforeEach(() => {
  clock = Date.now;
  cloud.foreignRoles.set(lentRole());
});

const connections = () => datasourceConnections(serversOf(cloud), () => clock());
const input = () => datasourceAt('INPUT', byRole(`s3://${BUCKET}/in/`));
const sessionIn = (url: string) => new URL(url).searchParams.get('X-Amz-Security-Token');
const problemOf = (asked: Promise<unknown>) =>
  asked.then(
    () => 'none',
    (error: unknown) => (error instanceof DatasourceError ? error.problem : error),
  );

describe('a session', () => {
  test('of an INPUT has no way to write, and that of a LIGHTLY has', async () => {
    const { open } = connections();
    const config = byRole(`s3://${BUCKET}/in/`);
    const [reads, writes] = [
      await open(datasourceAt('INPUT', config)),
      await open(datasourceAt('LIGHTLY', config)),
    ];
    expect(Object.keys(reads).sort()).toEqual(['head', 'list', 'open', 'signRead', 'tags']);
    expect(Object.keys(writes)).toEqual(
      expect.arrayContaining(['put', 'putIfAbsent', 'delete', 'signWrite']),
    );
  });

  test('of an INPUT, taken out of Winnow, can neither write nor read elsewhere', async () => {
    const { sts = {}, s3 = {} } = serversOf(cloud);
    const asked = input();
    const credentials = await delegatedSession(new STSClient(sts), asked);
    const thief = new S3Client({ ...s3, credentials });
    const get = (Key: string) => thief.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    expect((await get('in/a.png')).ContentLength).toBe(8);
    await expect(get('elsewhere/secret.png')).rejects.toMatchObject({ name: 'AccessDenied' });
    const put = thief.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'in/a.png', Body: 'x' }));
    await expect(put).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('is begun once for all who ask at the same time', async () => {
    const [{ open }, datasource] = [connections(), input()];
    const urls = Array.from({ length: 20 }, async () =>
      (await open(datasource)).signRead('GET', 'a.png', 60),
    );
    expect(new Set((await Promise.all(urls)).map(sessionIn)).size).toBe(1);
  });

  test('is renewed before it ends, for those too who hold what they have opened', async () => {
    const objects = await connections().open(input());
    const before = sessionIn(await objects.signRead('GET', 'a.png', 60));
    clock = () => Date.now() + 39 * MINUTE;
    expect(sessionIn(await objects.signRead('GET', 'a.png', 60))).toBe(before);
    clock = () => Date.now() + 41 * MINUTE;
    const url = await objects.signRead('GET', 'a.png', 60);
    expect(sessionIn(url)).not.toBe(before);
    expect((await fetch(url)).status).toBe(200);
  });

  test('signs no URL for longer than it lasts', async () => {
    const objects = await connections().open(input());
    const url = new URL(await objects.signRead('GET', 'a.png', 7 * 24 * 3600));
    expect(Number(url.searchParams.get('X-Amz-Expires'))).toBeLessThanOrEqual(3600);
    expect(Number(url.searchParams.get('X-Amz-Expires'))).toBeGreaterThan(3000);
  });
});

describe('a session that ends early', () => {
  /** Sessions of the role end; a role of the same name gives new ones. */
  const endSessions = () => {
    cloud.foreignRoles.delete(ROLE_ARN);
    cloud.foreignRoles.set(lentRole());
  };

  test.each([
    ['a listing', (objects: Opened) => objects.list({ prefix: '', after: undefined, limit: 10 })],
    ['a head', (objects: Opened) => objects.head('a.png')],
    ['tags', (objects: Opened) => objects.tags('a.png')],
  ])('is not noticed by %s', async (_, ask) => {
    const objects = await connections().open(input());
    await objects.head('a.png');
    clock = () => Date.now() + MINUTE;
    endSessions();
    expect(await ask(objects)).toBeDefined();
  });

  test('is replaced once for all who meet its end', async () => {
    const [{ open }, datasource] = [connections(), input()];
    const objects = await open(datasource);
    clock = () => Date.now() + MINUTE;
    endSessions();
    await Promise.all(['a.png', 'b.png', 'a.png', 'b.png'].map((name) => objects.head(name)));
    const held = sessionIn(await objects.signRead('GET', 'a.png', 60));
    expect(sessionIn(await (await open(datasource)).signRead('GET', 'a.png', 60))).toBe(held);
  });

  test('because its role is gone, says so; and goes on when the role is back', async () => {
    const objects = await connections().open(input());
    clock = () => Date.now() + MINUTE;
    cloud.foreignRoles.delete(ROLE_ARN);
    expect(await problemOf(objects.head('a.png'))).toEqual({
      ...{ code: 'ROLE_NOT_ASSUMABLE', scope: 'datasource' },
      ...{ action: 'sts:AssumeRole', resource: ROLE_ARN },
    });
    cloud.foreignRoles.set(lentRole());
    expect(await objects.head('a.png')).toMatchObject({ size: 8 });
  });
});
type Opened = Awaited<ReturnType<ReturnType<typeof connections>['open']>>;

test('sessions that are shorter than asked for end without anybody noticing', async () => {
  const short = await startFixture({
    ...{ foreignRoles: [lentRole()], foreignBuckets: [BUCKET], sessionSecondsCap: 1 },
  });
  try {
    await clientsOf(short).s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'in/a.png', Body: 'x' }));
    // A clock that stands still knows of no end: it is S3 that says so.
    for (const now of [
      Date.now,
      (
        (at) => () =>
          at
      )(Date.now()),
    ]) {
      const objects = await datasourceConnections(serversOf(short), now).open(input());
      for (const end = Date.now() + 2_500; Date.now() < end; ) {
        expect(await objects.head('a.png')).toMatchObject({ size: 1 });
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  } finally {
    await short.close();
  }
}, 60_000);

describe('a role', () => {
  test.each([
    ['of another partition', { s3ARN: 'arn:aws-cn:iam::111122223333:role/Lent' }, 'is in aws-cn'],
    ['whose region is of another partition', { s3Region: 'us-gov-west' }, 'is in aws-us-gov'],
  ])('%s is refused before anybody is asked', async (_, change, said) => {
    const datasource = datasourceAt('INPUT', byRole(`s3://${BUCKET}/in/`, change));
    const refused = connections().open(datasource);
    await expect(refused).rejects.toThrow(said);
    expect(await problemOf(refused)).toMatchObject({ code: 'MISCONFIGURED', scope: 'datasource' });
  });

  test('with a path that no session policy can hold is refused', async () => {
    const path = Array.from({ length: 85 }, () => '*中').join('/');
    const refused = connections().open(datasourceAt('INPUT', byRole(`s3://${BUCKET}/${path}`)));
    await expect(refused).rejects.toThrow('too long for a role');
  });
});
