import { ListObjectsV2Command, PutObjectCommand, type PutObjectCommandInput } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { problemOf } from '#platform/datasources/datasource-states';
import { datasourceOf } from '#platform/datasources/datasources';
import { missingStatements } from '#platform/datasources/delegated-access/missing-statements';
import { STATEMENT_IDS } from '#platform/datasources/delegated-access/role-policy';
import { verifyAndNote } from '#platform/datasources/verify-and-note';
import { policyDocument } from '../../local/access-policy.ts';
import type { LocalCloud } from '../../local/local-cloud.ts';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { allowing, byRole, lentRole, ROLE_ARN, serversOf } from '../support/foreign-datasources.ts';
import { clientsOf, startFixture } from '../support/local-stack.ts';

/** What a verification finds out is noted, with what to do; and forgotten where it has been done. */
let cloud: LocalCloud;
let world: ApiWorld;
let made = 0;
const BUCKET = 'their-images';
const ALL = ['s3:ListBucket', 's3:GetObject', 's3:GetObjectTagging', 's3:PutObject', 's3:DeleteObject'];
const WORKS = { canList: true, canRead: true, canWrite: true, canOverwrite: true };

beforeAll(async () => {
  cloud = await startFixture({ foreignRoles: [lentRole()], foreignBuckets: [BUCKET] });
  world = await startApiWorld({ datasourceServers: serversOf(cloud) });
});
afterAll(async () => {
  await world.stop();
  await cloud.close();
});
beforeEach(() => {
  made += 1;
  cloud.foreignRoles.set(lentRole(allowing(...ALL)));
  cloud.foreignBuckets.set(BUCKET);
});

const put = (name: string, change: Partial<PutObjectCommandInput> = {}) =>
  clientsOf(cloud).s3.send(
    new PutObjectCommand({ Bucket: BUCKET, Key: `${made}/${name}`, Body: 'x', ...change }),
  );
const without = (action: string) =>
  cloud.foreignRoles.set(lentRole(allowing(...ALL.filter((other) => other !== action))));

/** A dataset whose images are in a folder of the bucket, and what is made of them too. */
async function connected() {
  const { id: datasetId } = await world.call('create_dataset', { body: { name: `verified-${made}` } });
  const config = byRole(`s3://${BUCKET}/${made}/`, { purpose: 'INPUT_OUTPUT' });
  const { deps } = world;
  await deps.datasources.replace({ datasetId, version: 1, configs: [config], lastModifiedAt: Date.now() });
  const dataset = (await deps.datasets.get(datasetId))!;
  return {
    verify: () => verifyAndNote(dataset, deps),
    retry: () => verifyAndNote(dataset, deps, { isRetry: true }),
    state: async () => deps.datasourceStates.get(datasetId),
    note: (problem: ReturnType<typeof problemOf>) => deps.datasourceStates.noteProblem(datasetId, 1, problem),
    statements: async (problems: Parameters<typeof missingStatements>[0]) => {
      const stored = await deps.datasources.get(datasetId);
      const ofUse = (use: 'INPUT' | 'LIGHTLY') => datasourceOf(dataset, stored, use);
      const winnow = { accountId: '000000000000', objectTags: true };
      return missingStatements(problems, ofUse, winnow).map(({ statement }) => statement.Sid);
    },
  };
}

describe('a verification', () => {
  test('where everything works notes that, and takes a problem away that was noted before', async () => {
    await put('a.png');
    const { verify, state, note } = await connected();
    const before = { code: 'DENIED', scope: 'datasource', action: 's3:ListBucket', resource: 'x' } as const;
    await note({ ...before, use: 'INPUT', reason: 'before', seenAt: 1 });
    expect(await verify()).toEqual({ verification: WORKS, problems: [], hints: [] });
    const noted = await state();
    expect(noted).not.toHaveProperty('problem');
    expect(noted?.lastVerified).toEqual({ at: expect.any(Number), ...WORKS });
  });

  test.each([
    ['s3:ListBucket', 'INPUT', 'canList', STATEMENT_IDS.list],
    ['s3:GetObject', 'INPUT', 'canRead', STATEMENT_IDS.read],
    ['s3:PutObject', 'LIGHTLY', 'canWrite', STATEMENT_IDS.write],
  ] as const)('without %s notes what failed in %s, and which statement is missing', async (...expected) => {
    const [action, use, permission, statement] = expected;
    await put('a.png');
    without(action);
    const { verify, state, statements } = await connected();
    const { problems, verification } = await verify();
    expect(verification[permission]).toBe(false);
    const noted = await state();
    expect(noted?.problem).toMatchObject({ code: 'DENIED', action, use, since: expect.any(Number) });
    expect(noted?.lastVerified?.errors?.[permission]).toContain(action);
    expect(await statements(problems)).toEqual([statement]);
    cloud.foreignRoles.set(lentRole(allowing(...ALL)));
    await verify();
    expect(await state()).not.toHaveProperty('problem');
  });

  test('without tags works, and says so', async () => {
    await put('a.png');
    without('s3:GetObjectTagging');
    const { verify, state, statements } = await connected();
    const { verification, problems, hints } = await verify();
    expect({ verification, problems }).toEqual({ verification: WORKS, problems: [] });
    expect(await statements(hints)).toEqual([STATEMENT_IDS.readTags]);
    expect(await state()).not.toHaveProperty('problem');
  });

  test('without deleting tells that nothing can be written, and notes no problem, for nothing waits for it', async () => {
    await put('a.png');
    without('s3:DeleteObject');
    const { verify, state, statements } = await connected();
    const { verification, problems, hints } = await verify();
    expect(verification).toMatchObject({ canWrite: false, canOverwrite: true });
    expect(problems).toEqual([]);
    expect(await statements(hints)).toEqual([STATEMENT_IDS.write]);
    expect(await state()).not.toHaveProperty('problem');
  });

  test('that is made again because of INPUT tries only that, and keeps what is known of LIGHTLY', async () => {
    await put('a.png');
    without('s3:PutObject');
    const { verify, retry, state, note } = await connected();
    await verify();
    const ofInput = { code: 'DENIED', scope: 'object', action: 's3:GetObject', resource: 'x' } as const;
    await note({ ...ofInput, use: 'INPUT', reason: 'before', seenAt: 1 });
    expect(await retry()).toMatchObject({ problems: [], hints: [] });
    const noted = await state();
    expect(noted).not.toHaveProperty('problem');
    expect(noted?.lastVerified).toMatchObject({ canList: true, canRead: true, canWrite: false });
    expect(noted?.lastVerified?.errors?.canWrite).toContain('s3:PutObject');
  });

  test('of a role that is gone notes that of the whole datasource, once', async () => {
    const { verify, state, statements } = await connected();
    cloud.foreignRoles.delete(ROLE_ARN);
    const { problems } = await verify();
    expect(problems.map(({ use, code, scope }) => [use, code, scope])).toEqual([
      ['INPUT', 'ROLE_NOT_ASSUMABLE', 'datasource'],
      ['LIGHTLY', 'ROLE_NOT_ASSUMABLE', 'datasource'],
    ]);
    expect(await statements(problems)).toEqual([STATEMENT_IDS.assume]);
    expect((await state())?.problem).toMatchObject({ use: 'INPUT', action: 'sts:AssumeRole' });
  });

  test('leaves nothing behind', async () => {
    await put('a.png');
    const { verify } = await connected();
    expect((await verify()).verification).toEqual(WORKS);
    const listing = new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `${made}/` });
    const { Contents = [] } = await clientsOf(cloud).s3.send(listing);
    expect(Contents.map(({ Key }) => Key)).toEqual([`${made}/a.png`]);
  });
});

describe('a file that was refused before', () => {
  const KEY = 'arn:aws:kms:eu-central-1:000000000000:key/1234';
  const refused = (fileName: string) => ({
    ...({ code: 'KMS_DENIED', scope: 'object', action: 'kms:Decrypt', resource: 'x', use: 'INPUT' } as const),
    ...{ fileName, reason: 'before', seenAt: 1 },
  });

  test('is tried: that others can be read does not mean that it can', async () => {
    await put('a.png');
    cloud.foreignBuckets.set({ name: BUCKET, kmsKey: KEY });
    await put('z.png');
    const { verify, state, note, statements } = await connected();
    await note(refused('z.png'));
    const { verification, problems } = await verify();
    expect(verification).toMatchObject({ canList: true, canRead: false });
    expect((await state())?.problem).toMatchObject({ code: 'KMS_DENIED', fileName: 'z.png', since: 1 });
    expect(await statements(problems)).toEqual([STATEMENT_IDS.useKey]);
    cloud.foreignRoles.set(lentRole(allowing(...ALL, 'kms:*')));
    expect((await verify()).verification).toEqual(WORKS);
    expect(await state()).not.toHaveProperty('problem');
  });

  test('and is gone, or in an archive, is no problem of the datasource', async () => {
    await put('frozen.png', { StorageClass: 'GLACIER' });
    const { verify, state, note } = await connected();
    for (const fileName of ['gone.png', 'frozen.png']) {
      await note(refused(fileName));
      expect((await verify()).verification).toEqual(WORKS);
      expect(await state()).not.toHaveProperty('problem');
    }
  });

  test('is still known after everything was refused: where it can be read by then, others need not wait for a listing', async () => {
    await put('a.png');
    const { verify, retry, state, note } = await connected();
    await note(refused('a.png'));
    cloud.foreignRoles.delete(ROLE_ARN);
    await verify();
    expect((await state())?.problem).toMatchObject({ code: 'ROLE_NOT_ASSUMABLE', fileName: 'a.png' });
    expect((await state())?.problem).not.toHaveProperty('isOfSomeFiles');
    without('s3:ListBucket');
    // What fails to be listed meanwhile does not name it either.
    const { fileName: _, ...unlisted } = {
      ...refused(''),
      scope: 'datasource',
      action: 's3:ListBucket',
    } as const;
    await note(unlisted);
    await retry();
    const expected = { action: 's3:ListBucket', fileName: 'a.png', isOfSomeFiles: true };
    expect((await state())?.problem).toMatchObject(expected);
  });

  test('in LIGHTLY is tried by writing beside it: that another folder can be written does not mean that its can', async () => {
    await put('a.png');
    const { verify, state, note } = await connected();
    const fileName = '.lightly/thumbnails/red/a_thumb.webp';
    const Resource = `arn:aws:s3:::${BUCKET}/${made}/.lightly/thumbnails/*`;
    const Statement = { Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource };
    cloud.foreignBuckets.set({ name: BUCKET, policy: policyDocument.parse({ Statement }) });
    const denied = { code: 'DENIED', scope: 'object', action: 's3:PutObject', resource: 'x' } as const;
    await note({ ...denied, use: 'LIGHTLY', fileName, reason: 'before', seenAt: 1 });
    expect((await verify()).verification).toMatchObject({ canRead: true, canWrite: false });
    const expected = { use: 'LIGHTLY', code: 'DENIED', fileName, since: 1 };
    expect((await state())?.problem).toMatchObject(expected);
    // Without thumbnails no image can be taken in, so it is no matter of some files.
    expect((await state())?.problem).not.toHaveProperty('isOfSomeFiles');
    cloud.foreignBuckets.set(BUCKET);
    expect((await verify()).verification).toEqual(WORKS);
    expect(await state()).not.toHaveProperty('problem');
    const listing = new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `${made}/` });
    const { Contents = [] } = await clientsOf(cloud).s3.send(listing);
    expect(Contents.map(({ Key }) => Key)).toEqual([`${made}/a.png`]);
  });

  test('is tried where nothing can be listed', async () => {
    await put('a.png');
    const { verify, note } = await connected();
    const Statement = { Effect: 'Deny', Principal: '*', Action: 's3:ListBucket', Resource: '*' };
    cloud.foreignBuckets.set({ name: BUCKET, policy: policyDocument.parse({ Statement }) });
    await note(refused('a.png'));
    expect((await verify()).verification).toMatchObject({ canList: false, canRead: true });
  });
});
