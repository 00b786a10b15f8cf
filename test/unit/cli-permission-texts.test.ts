import { expect, test } from '@jest/globals';
import type { VerifyAnswer } from '#contracts/input-routes';
import { permissionsOf } from '../../cli/datasource/permission-texts.ts';

const WORKS: VerifyAnswer = {
  ...{ canList: true, canRead: true, canWrite: true, canOverwrite: true },
  ...{ problems: [], hints: [], missing: [] },
};

test('what could not be tried is no yes: the hint says why', () => {
  const reason = 'Reading could not be tried: there is no file yet.';
  const untried = { use: 'INPUT', code: 'UNTRIED', scope: 'object', action: 's3:GetObject' } as const;
  const text = permissionsOf({ ...WORKS, hints: [{ ...untried, resource: 'arn', reason, seenAt: 1 }] });
  expect(text).toMatch(/^read images +not tried$/m);
  expect(text).toContain(reason);
  // Not of images, which are never written.
  expect(text).toMatch(/^write \.lightly\/ +yes$/m);
  expect(permissionsOf(WORKS)).toMatch(/^read images +yes$/m);
});

test('a statement that may be missing is told with what else may be in the way; one of trust, as missing', () => {
  const statement = { Sid: 'WinnowReadsObjects', Effect: 'Allow', Action: ['s3:GetObject'] } as const;
  const told = (policy: 'permissions' | 'trust') =>
    permissionsOf({ ...WORKS, canRead: false, missing: [{ policy, role: 'arn', statement }] });
  expect(told('permissions')).toContain(
    'lacks WinnowReadsObjects, or a policy of the bucket or of the organisation forbids it:\n{',
  );
  expect(told('trust')).toContain('The trust policy of the role lacks WinnowReadsObjects:\n{');
});
