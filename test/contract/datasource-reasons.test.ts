import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { datasourceConnections } from '#aws/datasource-connections';
import type { DatasourceConnections } from '#platform/datasources/datasource-objects';
import { missingStatements } from '#platform/datasources/delegated-access/missing-statements';
import { STATEMENT_IDS } from '#platform/datasources/delegated-access/role-policy';
import { policyDocument } from '../../local/access-policy.ts';
import { namesIn, problemOf, verify } from '../support/datasource-reading.ts';
import { type DelegatedBucket, delegatedBucket } from '../support/delegated-bucket.ts';
import { type LocalTarget, startLocalTarget } from '../support/local-access-target.ts';

/** What a verification says where nothing can be tried, or where S3 tells what it is that refuses. */
const ANOTHER_ACCOUNT = '999999999999';
const ALL = { Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: '*' };
const WINNOW = { accountId: '000000000000', objectTags: true };

let target: LocalTarget;
let connections: DatasourceConnections;
beforeAll(async () => {
  target = await startLocalTarget();
  connections = datasourceConnections(target.servers);
});
afterAll(() => target.close());

/** What is found out, and the statements that are advised. */
async function told(bucket: DelegatedBucket) {
  const { verification, problems, hints } = await verify(bucket, connections);
  const advised = missingStatements([...problems, ...hints], (use) => bucket.datasource({ use }), WINNOW);
  return { verification, problems, hints, statements: advised.map(({ statement }) => statement.Sid) };
}

describe('in a place without a file', () => {
  test('reading is possible where S3 says that only listing the whole bucket is refused', async () => {
    const found = await told(await delegatedBucket(target, { purpose: 'INPUT_OUTPUT' }));
    expect(found.verification).not.toHaveProperty('errors');
    expect([...found.problems, ...found.hints, ...found.statements]).toEqual([]);
  });

  test('reading is refused where S3 says that it is', async () => {
    const found = await told(await delegatedBucket(target, { without: ['read'] }));
    expect(found.verification).toMatchObject({ canList: true, canRead: false });
    expect(found.verification.errors?.canRead).toContain('s3:GetObject');
    expect(found.problems).toContainEqual(expect.objectContaining({ use: 'INPUT', action: 's3:GetObject' }));
    expect(found.statements).toContain(STATEMENT_IDS.read);
  });

  test.each([
    ['may be read', []],
    ['may not be read', ['read']],
  ] as const)(
    'of another account, which %s, S3 says nothing: a hint says that nobody knows',
    async (_, without) => {
      const policy = policyDocument.parse({ Statement: ALL });
      const bucket = await delegatedBucket(target, { accountId: ANOTHER_ACCOUNT, policy, without });
      const { verification, hints } = await verify(bucket, connections);
      expect(verification).toMatchObject({ canList: true, canRead: true });
      const ofInput = hints.filter(({ use }) => use === 'INPUT');
      expect(ofInput).toMatchObject([
        { code: 'UNTRIED', reason: 'Reading could not be tried: there is no file yet.' },
      ]);
      expect(missingStatements(ofInput, () => bucket.datasource(), WINNOW)).toEqual([]);
    },
  );
});

describe('a denial', () => {
  test('by what a policy forbids explicitly says what kind of policy, and advises no statement', async () => {
    const Statement = [ALL, { ...ALL, Effect: 'Deny', Action: 's3:GetObject' }];
    const bucket = await delegatedBucket(target, { policy: policyDocument.parse({ Statement }) });
    await bucket.put('a.png');
    const source = await connections.open(bucket.datasource());
    expect(await namesIn(source)).toEqual(['a.png']);
    const { reason, ...problem } = await problemOf(source.open('a.png'));
    expect(problem).toMatchObject({ code: 'DENIED', action: 's3:GetObject', isForbidden: true });
    expect(reason).toContain(
      'the policy of the bucket, of its access point or of its key forbids it explicitly',
    );
    expect(missingStatements([{ ...problem, use: 'INPUT' }], () => bucket.datasource(), WINNOW)).toEqual([]);
  });

  test('that S3 says nothing of is the lack of a statement, as far as is known', async () => {
    const bucket = await delegatedBucket(target, { accountId: ANOTHER_ACCOUNT });
    const { reason, ...problem } = await problemOf(namesIn(await connections.open(bucket.datasource())));
    expect(problem).toMatchObject({ code: 'DENIED', action: 's3:ListBucket' });
    expect(problem).not.toHaveProperty('isForbidden');
    expect(reason).toContain("in the bucket's");
    const advised = missingStatements([{ ...problem, use: 'INPUT' }], () => bucket.datasource(), WINNOW);
    expect(advised).toMatchObject([{ policy: 'permissions', statement: { Sid: STATEMENT_IDS.list } }]);
  });
});
