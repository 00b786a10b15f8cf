import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { cloudFormationTemplate } from '#platform/datasources/delegated-access/cloudformation-template';
import { STATEMENT_IDS } from '#platform/datasources/delegated-access/role-policy';
import type { Connection } from '../../local/local-cloud.ts';
import { eventually, LOCAL_STACK } from '../support/local-stack.ts';

const MAIN = fileURLToPath(new URL('../../local/main.ts', import.meta.url));
const ROLE = 'arn:aws:iam::111122223333:role/Winnow';
const ACCOUNT_OF_WINNOW = '000000000000';

let folder: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'winnow-accounts-'));
});
afterEach(async () => {
  if (child?.exitCode === null) {
    child.kill('SIGINT');
    await once(child, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, content: unknown) => writeFileSync(join(folder, name), JSON.stringify(content));

function start(): { readonly output: () => string; readonly ready: () => Promise<Connection> } {
  const file = join(folder, 'ready.json');
  const options = ['--assembly', LOCAL_STACK, '--state', join(folder, 'state'), '--ready-file', file];
  child = spawn(process.execPath, [MAIN, ...options, '--accounts', join(folder, 'accounts.json')]);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += String(chunk)));
  return {
    output: () => text,
    ready: async () => {
      await eventually(
        () => existsSync(file),
        (exists) => exists,
      );
      return JSON.parse(readFileSync(file, 'utf8')) as Connection;
    },
  };
}

const clientOptions = ({ region, accessKeyId, secretAccessKey }: Connection) => ({
  region,
  credentials: { accessKeyId, secretAccessKey },
});

/** What a session of the role is answered when it lists the bucket. */
async function listing(connection: Connection, ExternalId: string): Promise<string> {
  const common = clientOptions(connection);
  try {
    const sts = new STSClient({ ...common, endpoint: connection.endpoints.sts });
    const command = new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'test', ExternalId });
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken } = (await sts.send(command)).Credentials!;
    const credentials = {
      ...{ accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey },
      ...(SessionToken && { sessionToken: SessionToken }),
    };
    const s3 = new S3Client({
      ...common,
      credentials,
      endpoint: connection.endpoints.s3,
      forcePathStyle: true,
    });
    const { KeyCount } = await s3.send(
      new ListObjectsV2Command({ Bucket: 'field-cameras', Prefix: '2026/' }),
    );
    return `${KeyCount} objects`;
  } catch (error) {
    return (error as Error).name;
  }
}

test('a file describes buckets and roles of other accounts, with the template that connect prints, and is followed', async () => {
  const place = { bucket: 'field-cameras', prefix: '2026/' };
  const role = { place, purpose: 'INPUT', region: 'us-east-1', objectTags: true } as const;
  const request = { role, accountId: ACCOUNT_OF_WINNOW, externalId: 'winnow-0123', name: 'winnow-abc' };
  write('winnow.json', cloudFormationTemplate(request));
  const buckets = [{ name: 'field-cameras', accountId: '111122223333' }];
  const lent = { arn: ROLE, template: 'winnow.json' };
  write('accounts.json', { buckets, roles: [lent] });
  const { output, ready } = start();
  const connection = await ready();
  expect(await listing(connection, 'winnow-0123')).toBe('0 objects');
  expect(await listing(connection, 'winnow-4567')).toBe('AccessDenied');

  const untilAnswered = (answer: string) =>
    eventually(
      () => listing(connection, 'winnow-0123'),
      (answered) => answered === answer,
    );
  write('accounts.json', { buckets, roles: [{ ...lent, without: [STATEMENT_IDS.list] }] });
  await untilAnswered('AccessDenied');
  write('accounts.json', { buckets: [{ name: 'field-cameras' }] });
  await eventually(output, (text) => text.includes('accountId'));
  expect(output()).toContain('What was there before goes on.');
  write('accounts.json', { buckets: [], roles: [lent] });
  await untilAnswered('NoSuchBucket');
});

test('a file that is not right is refused at the start, with what is wrong', async () => {
  write('accounts.json', { roles: [{ arn: 'Winnow', template: 'winnow.json' }] });
  const { output } = start();
  expect(await once(child!, 'exit')).toEqual([1, null]);
  expect(output()).toContain("expected 'arn:aws:iam::<account>:role/<name>'");
});
