import { describe, expect, test } from '@jest/globals';
import { type Access, allows, decide, policyDocument } from '../../local/access-policy.ts';

const assume: Access = { action: 'sts:AssumeRole', resource: 'arn:aws:iam::111122223333:role/Winnow' };
const withId = (id: string): Access => ({ ...assume, context: { 'sts:ExternalId': id } });
const allowing = (statement: object) =>
  policyDocument.parse({ Statement: { Effect: 'Allow', Action: '*', Resource: '*', ...statement } });
const conditioned = (Condition: object) => allowing({ Condition });

describe('a condition on the external ID', () => {
  test.each([
    ['StringEquals', 'agreed', [true, false, false]],
    ['StringEquals', ['other', 'agreed'], [true, false, false]],
    ['StringEquals', 'AGREED', [false, false, false]],
    ['StringEqualsIgnoreCase', 'AGREED', [true, false, false]],
    ['StringEquals', 'agr*', [false, false, false]],
    ['StringLike', 'agr*', [true, false, false]],
    ['StringNotEquals', 'agreed', [false, true, true]],
    ['StringEqualsIfExists', 'agreed', [true, false, true]],
    ['ForAnyValue:StringEquals', 'agreed', [true, false, false]],
    ['ForAllValues:StringEquals', 'agreed', [true, false, true]],
    ['Null', 'true', [false, false, true]],
    ['Null', 'false', [true, true, false]],
  ])('%s %j holds for the right one, another one, none: %j', (operator, value, expected) => {
    const policy = conditioned({ [operator]: { 'sts:ExternalId': value } });
    const outcomes = [withId('agreed'), withId('guessed'), assume].map((access) => allows([policy], access));
    expect(outcomes).toEqual(expected);
  });

  test('with an operator that is not known is an error, not a guess', () => {
    const policy = conditioned({ DateLessThan: { 'sts:ExternalId': 'x' } });
    expect(() => allows([policy], withId('x'))).toThrow('DateLessThan');
  });
});

/** How IAM writes a character that would mean something else. */
const itself = (character: string): string => `\${${character}}`;
test.each([
  ['in/*', 'in/a.png', true],
  ['in/*', 'other/in/a.png', false],
  [`in/${itself('*')}/*`, 'in/*/a.png', true],
  [`in/${itself('*')}/*`, 'in/b/a.png', false],
  [`in/${itself('?')}${itself('$')}/*`, 'in/?$/a.png', true],
  ['in/a?c.png', 'in/abc.png', true],
  ['in/a.c', 'in/abc', false],
])('the pattern %s meets %s: %s', (pattern, key, expected) => {
  const arn = (text: string) => `arn:aws:s3:::bucket/${text}`;
  const policy = allowing({ Resource: arn(pattern) });
  expect(allows([policy], { action: 's3:GetObject', resource: arn(key) })).toBe(expected);
});

describe('a principal', () => {
  const session = [
    'arn:aws:sts::111122223333:assumed-role/Winnow/one',
    'arn:aws:iam::111122223333:role/Winnow',
  ];
  test.each([
    ['everybody', '*', 'allowed'],
    ['its role', { AWS: 'arn:aws:iam::111122223333:role/Winnow' }, 'allowed'],
    ['its session', { AWS: 'arn:aws:sts::111122223333:assumed-role/Winnow/one' }, 'allowed'],
    ['its account', { AWS: '111122223333' }, 'allowed'],
    [
      'the root of its account, in another partition',
      { AWS: 'arn:aws-cn:iam::111122223333:root' },
      'allowed',
    ],
    ['another account', { AWS: 'arn:aws:iam::444455556666:root' }, 'silent'],
    ['a service', { Service: 'lambda.amazonaws.com' }, 'silent'],
  ])('is meant by a policy that names %s', (_, Principal, expected) => {
    expect(decide([allowing({ Principal })], assume, session)).toBe(expected);
  });

  test('that one statement allows and another denies is denied', () => {
    const deny = policyDocument.parse({
      Statement: { Effect: 'Deny', Principal: '*', Action: 'sts:*', Resource: '*' },
    });
    expect(decide([allowing({ Principal: '*' }), deny], assume, session)).toBe('denied');
  });
});
