import { describe, expect, test } from '@jest/globals';
import { sessionPolicy } from '#aws/session-policy';
import type { DatasourcePurpose } from '#contracts/datasources';
import { missingStatements } from '#platform/datasources/delegated-access/missing-statements';
import {
  policyOf,
  type RolePolicyRequest,
  rolePolicy,
  STATEMENT_IDS,
  trustStatement,
} from '#platform/datasources/delegated-access/role-policy';
import { s3LocationOf } from '#platform/datasources/location';
import { allows, policyDocument } from '../../local/access-policy.ts';
import { byKeys, byRole, datasourceAt, EXTERNAL_ID, ROLE_ARN } from '../support/foreign-datasources.ts';

const BUCKET = 'arn:aws:s3:::photos';
const ACCESS_POINT = 'arn:aws:s3:eu-central-1:111122223333:accesspoint/photos';
const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/1234';

const request = (purpose: DatasourcePurpose, change: Partial<RolePolicyRequest> = {}): RolePolicyRequest => ({
  ...{ place: s3LocationOf('s3://photos/in'), purpose, region: 'eu-central-1', objectTags: true },
  ...change,
});
const idsOf = (wanted: RolePolicyRequest) => rolePolicy(wanted).map(({ Sid }) => Sid);
/** As IAM would decide it. */
const permits = (wanted: RolePolicyRequest, action: string, resource: string, context = {}) =>
  allows([policyDocument.parse(policyOf(rolePolicy(wanted)))], { action, resource, context });

describe('what a role has to be allowed', () => {
  test('is told by statements whose names say what they are for', () => {
    expect(idsOf(request('INPUT'))).toEqual([STATEMENT_IDS.list, STATEMENT_IDS.read, STATEMENT_IDS.readTags]);
    expect(idsOf(request('INPUT', { objectTags: false }))).not.toContain(STATEMENT_IDS.readTags);
    expect(idsOf(request('LIGHTLY', { kmsKey: KEY }))).toEqual([
      ...[STATEMENT_IDS.list, STATEMENT_IDS.read, STATEMENT_IDS.write, STATEMENT_IDS.useKey],
    ]);
    for (const id of Object.values(STATEMENT_IDS)) expect(id).toMatch(/^[A-Za-z0-9]+$/);
  });

  test.each([
    ['s3:GetObject', `${BUCKET}/in/a.png`, true, true],
    ['s3:GetObjectVersion', `${BUCKET}/in/a.png`, true, true],
    ['s3:GetObject', `${BUCKET}/other/a.png`, false, false],
    ['s3:PutObject', `${BUCKET}/in/.lightly/a.png`, false, true],
    ['s3:DeleteObject', `${BUCKET}/in/.lightly/a.png`, false, true],
    ['s3:PutObject', `${BUCKET}/in/a.png`, false, false],
    ['s3:DeleteObject', `${BUCKET}/in/a.png`, false, false],
    ['s3:PutBucketPolicy', BUCKET, false, false],
  ])('%s on %s: for INPUT %s, for INPUT_OUTPUT %s', (action, resource, input, both) => {
    const decisions = [
      permits(request('INPUT'), action, resource),
      permits(request('INPUT_OUTPUT'), action, resource),
    ];
    expect(decisions).toEqual([input, both]);
  });

  test('is a key only through S3, and for writing only where something is written', () => {
    const viaS3 = { 'kms:ViaService': 's3.eu-central-1.amazonaws.com' };
    const input = request('INPUT', { kmsKey: KEY });
    expect(permits(input, 'kms:Decrypt', KEY, viaS3)).toBe(true);
    expect(permits(input, 'kms:Decrypt', KEY)).toBe(false);
    expect(permits(input, 'kms:GenerateDataKey', KEY, viaS3)).toBe(false);
    expect(permits(request('LIGHTLY', { kmsKey: KEY }), 'kms:GenerateDataKey', KEY, viaS3)).toBe(true);
  });

  test.each(['INPUT', 'LIGHTLY'] as const)('is all that a session of %s can use', (use) => {
    const session = [
      policyDocument.parse(JSON.parse(sessionPolicy(request(use).place, use, 'eu-central-1'))),
    ];
    for (const { Action, Resource = '' } of rolePolicy(request(use, { kmsKey: KEY }))) {
      for (const action of Action) {
        const context = { 's3:prefix': 'in/a', 'kms:ViaService': 's3.eu-central-1.amazonaws.com' };
        expect([action, allows(session, { action, resource: Resource, context })]).toEqual([action, true]);
      }
    }
  });
});

describe('an access point', () => {
  const wanted = request('INPUT', { place: s3LocationOf(`s3://${ACCESS_POINT}/in`), region: 'us-east-1' });

  test('stands for its bucket in the policies of roles and sessions', () => {
    const session = [policyDocument.parse(JSON.parse(sessionPolicy(wanted.place, 'INPUT', 'us-east-1')))];
    const context = { 's3:prefix': 'in/a' };
    for (const policies of [session, [policyDocument.parse(policyOf(rolePolicy(wanted)))]]) {
      const may = (action: string, resource: string) => allows(policies, { action, resource, context });
      expect(may('s3:ListBucket', ACCESS_POINT)).toBe(true);
      expect(may('s3:GetObject', `${ACCESS_POINT}/object/in/a.png`)).toBe(true);
      expect(may('s3:GetObject', `${ACCESS_POINT}/object/other/a.png`)).toBe(false);
      expect(may('s3:ListBucket', BUCKET)).toBe(false);
    }
  });

  test('has its keys where it is itself', () => {
    const [, , statement] = JSON.parse(sessionPolicy(wanted.place, 'INPUT', 'us-east-1')).Statement;
    expect(statement.Condition.StringEquals).toEqual({ 'kms:ViaService': 's3.eu-central-1.amazonaws.com' });
  });
});

describe('a path', () => {
  test.each([
    ['s3://photos-abc123-s3alias/in', 'Use its ARN'],
    ['photos--euc1-az1--x-s3', 'general purpose bucket'],
    ['s3://photos--ol-s3', 'Object Lambda'],
    ['s3://arn:aws:s3::111122223333:accesspoint/abc.mrap/in', 'of one region'],
    ['s3://arn:aws:s3:eu-central-1:1111:accesspoint/photos', 'names no bucket'],
  ])('%s is refused with what to name instead', (path, remedy) => {
    expect(() => s3LocationOf(path)).toThrow(remedy);
  });
});

describe('the statement that is missing', () => {
  const lightly = byRole('s3://results/out', { s3ServerSideEncryptionKMSKey: KEY });
  const configured = (use: 'INPUT' | 'LIGHTLY') =>
    use === 'INPUT' ? datasourceAt(use, byRole('s3://photos/in')) : datasourceAt(use, lightly);
  const winnow = { accountId: '999988887777', objectTags: true };
  type Problems = Parameters<typeof missingStatements>[0];
  const missing = (...problems: Problems) => missingStatements(problems, configured, winnow);

  test.each([
    ['DENIED', 's3:ListBucket', 'INPUT', STATEMENT_IDS.list, BUCKET],
    ['DENIED', 's3:GetObject', 'INPUT', STATEMENT_IDS.read, `${BUCKET}/in/*`],
    ['DENIED', 's3:GetObjectTagging', 'INPUT', STATEMENT_IDS.readTags, `${BUCKET}/in/*`],
    ['DENIED', 's3:DeleteObject', 'LIGHTLY', STATEMENT_IDS.write, 'arn:aws:s3:::results/out/.lightly/*'],
    ['KMS_DENIED', 'kms:GenerateDataKey', 'LIGHTLY', STATEMENT_IDS.useKey, KEY],
    ['KMS_DENIED', 'kms:Decrypt', 'INPUT', STATEMENT_IDS.useKey, 'arn:aws:kms:eu-central-1:*:key/*'],
  ] as const)('of %s for %s in %s is %s', (code, action, use, Sid, Resource) => {
    expect(missing({ code, action, use })).toMatchObject([
      { policy: 'permissions', statement: { Sid, Resource } },
    ]);
  });

  test.each(['INPUT', 'INPUT_OUTPUT'] as const)(
    'of images in %s is for any key: what is written has its own',
    (purpose) => {
      const change = { purpose, s3ServerSideEncryptionKMSKey: KEY };
      const both = () => datasourceAt('INPUT', byRole('s3://photos/in', change));
      const [found, ...others] = missingStatements(
        [{ code: 'KMS_DENIED', action: 'kms:Decrypt', use: 'INPUT' }],
        both,
        winnow,
      );
      expect(others).toEqual([]);
      expect(found?.statement.Resource).toBe('arn:aws:kms:eu-central-1:*:key/*');
      expect(found?.statement.Condition).toMatchObject({
        StringEquals: { 'kms:ViaService': expect.anything() },
      });
    },
  );

  test('of what a policy denies explicitly is none', () => {
    expect(missing({ code: 'DENIED', action: 's3:GetObject', use: 'INPUT', isForbidden: true })).toEqual([]);
    expect(missing({ code: 'UNTRIED', action: 's3:GetObject', use: 'INPUT' })).toEqual([]);
  });

  test('of a role that does not trust Winnow is in its trust policy', () => {
    const [found] = missing({ code: 'ROLE_NOT_ASSUMABLE', action: 'sts:AssumeRole', use: 'INPUT' });
    expect(found?.policy).toBe('trust');
    const trust = [policyDocument.parse(policyOf([found!.statement]))];
    const assuming = { action: 'sts:AssumeRole', resource: ROLE_ARN };
    const context = { 'sts:ExternalId': EXTERNAL_ID };
    expect(allows(trust, { ...assuming, context }, ['arn:aws:iam::999988887777:root'])).toBe(true);
    expect(allows(trust, assuming, ['arn:aws:iam::999988887777:root'])).toBe(false);
    expect(allows(trust, { ...assuming, context }, ['arn:aws:iam::111122223333:root'])).toBe(false);
    expect(trustStatement({ region: 'cn-north-1', accountId: '1', externalId: 'x' }).Principal).toEqual({
      AWS: 'arn:aws-cn:iam::1:root',
    });
  });

  test('is told once, and of what no statement puts right none is', () => {
    const read = { code: 'DENIED', action: 's3:GetObject', use: 'INPUT' } as const;
    expect(missing(read, { ...read, action: 's3:GetObjectVersion' })).toHaveLength(1);
    expect(missing({ ...read, code: 'NO_SUCH_BUCKET' }, { ...read, code: 'OTHER_OWNER' })).toEqual([]);
    const keys = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' };
    const ofKeys = () => datasourceAt('INPUT', byKeys('s3://photos/in', keys));
    expect(missingStatements([read], ofKeys, winnow)).toEqual([]);
  });
});
