import { describe, expect, test } from '@jest/globals';
import { sessionPolicy } from '#aws/session-policy';
import { allows, policyDocument } from '../../local/access-policy.ts';

const permits = (policy: string, action: string, key: string, prefix?: string): boolean =>
  allows([policyDocument.parse(JSON.parse(policy))], {
    action,
    resource: `arn:aws:s3:::bucket${key}`,
    ...(prefix !== undefined && { context: { 's3:prefix': prefix } }),
  });

describe('a session of a delegated role', () => {
  const input = sessionPolicy({ bucket: 'bucket', prefix: 'in/' }, 'INPUT', 'eu-central-1');
  const lightly = sessionPolicy({ bucket: 'bucket', prefix: 'in/' }, 'LIGHTLY', 'eu-central-1');

  test.each([
    ['s3:GetObject', '/in/a.png', true, true],
    ['s3:GetObject', '/other/a.png', false, false],
    ['s3:GetObject', '/in', false, false],
    ['s3:GetObject', '/in/.lightly/a.png', true, true],
    ['s3:PutObject', '/in/.lightly/a.png', false, true],
    ['s3:DeleteObject', '/in/.lightly/a.png', false, true],
    ['s3:PutObject', '/in/a.png', false, false],
    ['s3:DeleteObject', '/in/a.png', false, false],
    ['s3:AbortMultipartUpload', '/in/a.png', false, false],
    ['s3:PutObject', '/in/below/.lightly/a.png', false, false],
    ['s3:PutObject', '/other/.lightly/a.png', false, false],
    ['s3:DeleteBucket', '', false, false],
  ])('may %s on bucket%s: in INPUT %s, in LIGHTLY %s', (action, key, read, write) => {
    expect([permits(input, action, key), permits(lightly, action, key)]).toEqual([read, write]);
  });

  test('lists what is below the prefix', () => {
    const prefixes = ['in/', 'in/a', 'other/', ''];
    expect(prefixes.filter((prefix) => permits(input, 's3:ListBucket', '', prefix))).toEqual(['in/', 'in/a']);
    const whole = sessionPolicy({ bucket: 'bucket', prefix: '' }, 'INPUT', 'eu-central-1');
    expect(prefixes.filter((prefix) => permits(whole, 's3:ListBucket', '', prefix))).toEqual(prefixes);
  });

  test('is in the partition of the region', () => {
    const partitions = ['eu-central-1', 'cn-northwest-1', 'us-gov-east'].map((region) => {
      const { Statement } = JSON.parse(sessionPolicy({ bucket: 'b', prefix: '' }, 'INPUT', region));
      return [Statement[0].Resource, Statement[2].Condition.StringEquals['kms:ViaService']];
    });
    expect(partitions).toEqual([
      ['arn:aws:s3:::b', 's3.eu-central-1.amazonaws.com'],
      ['arn:aws-cn:s3:::b', 's3.cn-northwest-1.amazonaws.com.cn'],
      ['arn:aws-us-gov:s3:::b', 's3.us-gov-east-1.amazonaws.com'],
    ]);
  });

  test('takes the characters of a prefix for themselves, in a text that STS takes', () => {
    const policy = sessionPolicy({ bucket: 'bucket', prefix: 'a*b?c$/ä中/' }, 'INPUT', 'eu-central-1');
    expect(policy).toMatch(/^[\u0020-\u007e]+$/);
    const { Statement } = JSON.parse(policy);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how IAM writes them.
    expect(Statement[1].Resource).toBe('arn:aws:s3:::bucket/a${*}b${?}c${$}/ä中/*');
  });
});
