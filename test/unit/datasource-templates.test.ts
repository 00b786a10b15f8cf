import { describe, expect, test } from '@jest/globals';
import { sessionPolicy } from '#aws/session-policy';
import type { DatasourcePurpose } from '#contracts/datasources';
import {
  cloudFormationTemplate,
  type DelegatedAccessRequest,
} from '#platform/datasources/delegated-access/cloudformation-template';
import { terraformConfiguration } from '#platform/datasources/delegated-access/terraform-configuration';
import { type Access, allows, policyDocument } from '../../local/access-policy.ts';

const BUS = 'arn:aws:events:eu-central-1:999999999999:event-bus/InputEvents';
const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/1';
const WINNOW = ['arn:aws:iam::999999999999:root'];

interface Asked {
  readonly purpose?: DatasourcePurpose;
  readonly bucket?: string;
  readonly prefix?: string;
  readonly region?: string;
  readonly kmsKey?: string;
  readonly hasEvents?: boolean;
}
const requestFor = ({ purpose = 'INPUT', bucket = 'photos', ...asked }: Asked): DelegatedAccessRequest => {
  const { prefix = '2026/', region = 'eu-central-1', kmsKey, hasEvents = false } = asked;
  const place = { bucket, prefix };
  return {
    role: { place, purpose, region, kmsKey, objectTags: true },
    ...{ accountId: '999999999999', externalId: 'winnow-0123', name: 'winnow-abc' },
    ...(hasEvents && { events: { place, eventBusArn: BUS } }),
  };
};
/** As CloudFormation reads it. */
const templateOf = (asked: Asked) => JSON.parse(JSON.stringify(cloudFormationTemplate(requestFor(asked))));
const policyIn = (asked: Asked) =>
  policyDocument.parse(templateOf(asked).Resources.WinnowRole.Properties.Policies[0].PolicyDocument);
const may = (asked: Asked, action: string, resource: string, context: Access['context'] = {}) =>
  allows([policyIn(asked)], { action, resource, context });

describe('the role of a template', () => {
  test.each([
    ['INPUT', false],
    ['INPUT_OUTPUT', true],
    ['LIGHTLY', true],
  ] as const)('for %s may what the datasource needs and no more; writing: %s', (purpose, writes) => {
    const asked = { purpose };
    const list = (prefix: string) =>
      may(asked, 's3:ListBucket', 'arn:aws:s3:::photos', { 's3:prefix': prefix });
    expect([list('2026/'), list('2026/july/'), list(''), list('2025/')]).toEqual([true, true, false, false]);
    const object = 'arn:aws:s3:::photos/2026/a.png';
    expect(may(asked, 's3:GetObject', object)).toBe(true);
    expect(may(asked, 's3:GetObject', 'arn:aws:s3:::photos/2025/a.png')).toBe(false);
    expect(may(asked, 's3:GetObject', 'arn:aws:s3:::other/2026/a.png')).toBe(false);
    for (const action of ['s3:PutObject', 's3:DeleteObject']) {
      expect(may(asked, action, 'arn:aws:s3:::photos/2026/.lightly/a')).toBe(writes);
      expect(may(asked, action, object)).toBe(false);
    }
    for (const action of ['s3:PutObjectAcl', 's3:PutBucketNotification', 's3:DeleteBucket', 'iam:PassRole']) {
      expect(may(asked, action, object)).toBe(false);
      expect(may(asked, action, 'arn:aws:s3:::photos')).toBe(false);
    }
  });

  test('may use the key only through S3', () => {
    const through = { 'kms:ViaService': 's3.eu-central-1.amazonaws.com' };
    expect(may({ kmsKey: KEY }, 'kms:Decrypt', KEY, through)).toBe(true);
    expect(may({ kmsKey: KEY }, 'kms:Decrypt', KEY, { 'kms:ViaService': 'ec2.amazonaws.com' })).toBe(false);
    expect(may({ kmsKey: KEY }, 'kms:GenerateDataKey', KEY, through)).toBe(false);
    expect(may({}, 'kms:Decrypt', KEY, through)).toBe(false);
  });

  test("is for Winnow's account with the external ID, for an hour", () => {
    const { AssumeRolePolicyDocument, MaxSessionDuration } = templateOf({}).Resources.WinnowRole.Properties;
    const trusts = (externalId: string | undefined, principal = WINNOW) =>
      allows(
        [policyDocument.parse(AssumeRolePolicyDocument)],
        {
          ...{ action: 'sts:AssumeRole', resource: '' },
          context: externalId === undefined ? {} : { 'sts:ExternalId': externalId },
        },
        principal,
      );
    expect(trusts('winnow-0123')).toBe(true);
    expect(trusts('winnow-4567')).toBe(false);
    expect(trusts(undefined)).toBe(false);
    expect(trusts('winnow-0123', ['arn:aws:iam::888888888888:root'])).toBe(false);
    expect(MaxSessionDuration).toBe(3_600);
  });

  test('is of the partition of the region', () => {
    const text = JSON.stringify(templateOf({ region: 'cn-north-1' }));
    expect(text).toContain('arn:aws-cn:s3:::photos');
    expect(text).toContain('arn:aws-cn:iam::999999999999:root');
    expect(text).not.toContain('arn:aws:');
  });
});

describe('the rule of a template', () => {
  const { WinnowEventRule, WinnowEventRole } = templateOf({ hasEvents: true }).Resources;

  test('forwards events of the bucket below the path', () => {
    const { EventPattern, Targets, Name } = WinnowEventRule.Properties;
    expect(EventPattern).toMatchObject({
      source: ['aws.s3'],
      detail: { bucket: { name: ['photos'] }, object: { key: [{ prefix: '2026/' }] } },
    });
    expect(EventPattern['detail-type']).toContain('Object Created');
    expect(EventPattern['detail-type']).toContain('Object Deleted');
    expect(Targets).toEqual([
      { Id: 'Winnow', Arn: BUS, RoleArn: { 'Fn::GetAtt': ['WinnowEventRole', 'Arn'] } },
    ]);
    expect(Name).toMatch(/^[.\-_A-Za-z0-9]{1,64}$/);
    expect(
      templateOf({ hasEvents: true, prefix: '' }).Resources.WinnowEventRule.Properties.EventPattern.detail,
    ).toEqual({ bucket: { name: ['photos'] } });
  });

  test('has a role that sends to that bus, and that no other rule can take on', () => {
    const { Policies, AssumeRolePolicyDocument } = WinnowEventRole.Properties;
    const policies = [policyDocument.parse(Policies[0].PolicyDocument)];
    const put = (resource: string) => allows(policies, { action: 'events:PutEvents', resource, context: {} });
    expect([put(BUS), put(`${BUS}2`)]).toEqual([true, false]);
    expect(AssumeRolePolicyDocument.Statement).toMatchObject([
      {
        Principal: { Service: 'events.amazonaws.com' },
        Condition: {
          ArnEquals: { 'aws:SourceArn': { 'Fn::Sub': expect.stringMatching(/:rule\/winnow-abc$/) } },
        },
      },
    ]);
  });

  test('is there where it is asked for', () => {
    expect(Object.keys(templateOf({}).Resources)).toEqual(['WinnowRole']);
  });
});

describe('the configuration for Terraform', () => {
  /** The JSON in the n-th `jsonencode(...)`, as Terraform would have it. */
  const encoded = (text: string): unknown[] =>
    [...text.matchAll(/jsonencode\((\{[\s\S]*?\n {2}\})\)/g)].map(([, json = '']) =>
      JSON.parse(
        json.replace(/([$%])\1\{/g, '$1{').replaceAll('aws_cloudwatch_event_rule.winnow_abc.arn', '"RULE"'),
      ),
    );

  test('has the same policies as the template', () => {
    const asked = { purpose: 'INPUT_OUTPUT', kmsKey: KEY, hasEvents: true } as const;
    const { WinnowRole, WinnowEventRole, WinnowEventRule } = templateOf(asked).Resources;
    const [trust, policy, pattern, eventTrust, eventPolicy] = encoded(
      terraformConfiguration(requestFor(asked)),
    );
    expect(trust).toEqual(WinnowRole.Properties.AssumeRolePolicyDocument);
    expect(policy).toEqual(WinnowRole.Properties.Policies[0].PolicyDocument);
    expect(pattern).toEqual(WinnowEventRule.Properties.EventPattern);
    expect(eventPolicy).toEqual(WinnowEventRole.Properties.Policies[0].PolicyDocument);
    expect(eventTrust).toMatchObject({
      Statement: [{ Condition: { ArnEquals: { 'aws:SourceArn': 'RULE' } } }],
    });
  });

  test('is made of whole blocks whose references are there', () => {
    const text = terraformConfiguration(requestFor({ hasEvents: true }));
    const blocks = [...text.matchAll(/^(resource|output) (.+) \{\n[\s\S]*?\n\}$/gm)].map(
      ([, , name]) => name,
    );
    expect(blocks).toHaveLength(7);
    expect(text.replace(/^(resource|output) .+ \{\n[\s\S]*?\n\}$/gm, '').trim()).toMatch(
      /^# For a provider "aws" .*\(eu-central-1\).*$/,
    );
    // Of several datasets, they stand in one configuration.
    for (const block of blocks) expect(block).toContain('winnow_abc');
    for (const [, type, name] of text.matchAll(/(?<!["\w])(aws_\w+)\.(\w+)\.\w+/g)) {
      expect(blocks).toContain(`"${type}" "${name}"`);
    }
    expect(terraformConfiguration(requestFor({}))).not.toContain('aws_cloudwatch');
  });

  test('means names literally: neither Terraform nor IAM finds a variable in them', () => {
    const asked = { prefix: `a\${x}%{y}*/` };
    const text = terraformConfiguration(requestFor(asked));
    expect(text.replace(/([$%])\1\{/g, '')).not.toMatch(/[$%]\{/);
    expect(encoded(text)[1]).toEqual(
      templateOf(asked).Resources.WinnowRole.Properties.Policies[0].PolicyDocument,
    );
  });
});

describe('a path beyond Latin-1', () => {
  const DECOMPOSED = 'e\u0301te\u0301'; // été, as macOS writes it
  const PATHS = ['2026/фото/', `${DECOMPOSED}/a*b/`, '写真🐦/ü/'];

  test.each(PATHS)('%s is in templates with characters that IAM takes, and no tool composes', (prefix) => {
    const asked = { prefix, purpose: 'INPUT_OUTPUT', hasEvents: true } as const;
    const { WinnowRole, WinnowEventRule } = templateOf(asked).Resources;
    const { PolicyDocument } = WinnowRole.Properties.Policies[0];
    const pattern = JSON.stringify(WinnowEventRule.Properties.EventPattern);
    for (const text of [JSON.stringify(PolicyDocument), pattern, terraformConfiguration(requestFor(asked))]) {
      expect(text).toMatch(/^[\t\n\r\u0020-\u00ff]*$/);
      expect(text.normalize('NFC')).toBe(text);
    }
    const [{ prefix: forwarded } = { prefix: '' }] =
      WinnowEventRule.Properties.EventPattern.detail.object?.key ?? [];
    expect(prefix.startsWith(forwarded)).toBe(true);
  });

  test.each(PATHS)('%s is what the role lends, and all that a session may', (prefix) => {
    const asked = { prefix, purpose: 'INPUT_OUTPUT' } as const;
    const place = { bucket: 'photos', prefix };
    const session = policyDocument.parse(JSON.parse(sessionPolicy(place, 'LIGHTLY', 'eu-central-1')));
    const both = (action: string, key: string, context?: Access['context']) => {
      const resource = action === 's3:ListBucket' ? 'arn:aws:s3:::photos' : `arn:aws:s3:::photos/${key}`;
      return (
        may(asked, action, resource, context) &&
        allows([session], { action, resource, ...(context && { context }) })
      );
    };
    expect(both('s3:ListBucket', '', { 's3:prefix': `${prefix}a` })).toBe(true);
    expect(both('s3:GetObject', `${prefix}a.png`)).toBe(true);
    expect(both('s3:PutObject', `${prefix}.lightly/a`)).toBe(true);
    const other = prefix.replace(/[^\u0020-\u00ff]+/, 'Ж');
    expect(both('s3:ListBucket', '', { 's3:prefix': other })).toBe(false);
    expect(both('s3:GetObject', `${other}a.png`)).toBe(false);
  });
});
