import { describe, expect, test } from '@jest/globals';
import { denialIn } from '#aws/denial';

const WHO = 'User: arn:aws:sts::111122223333:assumed-role/Winnow/winnow is not authorized to perform:';
const said = (rest: string) => denialIn(new Error(`${WHO} ${rest}`));

describe('what AWS says of a denial', () => {
  test.each([
    ['because no identity-based policy allows the s3:GetObject action', undefined],
    ['because no resource-based policy allows the s3:GetObject action', undefined],
    ['with an explicit deny in an identity-based policy', 'a policy of that role or user'],
    ['with an explicit deny in a resource-based policy', 'the policy of the bucket'],
    ['with an explicit deny in a service control policy: arn:aws:organizations::1:policy/x', 'organisation'],
    ['with an explicit deny in a permissions boundary', 'permissions boundary'],
    ['with an explicit deny in a VPC endpoint policy', 'VPC endpoint'],
    ['with an explicit deny', 'a policy'],
  ])('%s: what was denied, and what forbids it: %p', (why, forbiddenBy) => {
    const found = said(`s3:GetObject on resource: "arn:aws:s3:::photos/2026/a b.png" ${why}`);
    expect(found.action).toBe('s3:GetObject');
    if (forbiddenBy === undefined) expect(found).not.toHaveProperty('forbiddenBy');
    else expect(found.forbiddenBy).toContain(forbiddenBy);
  });

  test('is nothing outside of the account and organisation of the resource', () => {
    expect(denialIn(new Error('Access Denied'))).toEqual({});
    expect(denialIn(undefined)).toEqual({});
  });
});
