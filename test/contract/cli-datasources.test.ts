import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { cloudFormationTemplate } from '#platform/datasources/delegated-access/cloudformation-template';
import { policyDocument } from '../../local/access-policy.ts';
import type { LocalCloud } from '../../local/local-cloud.ts';
import { type CliWorld, startCliWorld } from '../support/cli-world.ts';
import { serversOf } from '../support/foreign-datasources.ts';
import { clientsOf, startFixture } from '../support/local-stack.ts';
import { takeMessages } from '../support/queue-contents.ts';

/** A bucket in an account that checks roles, external IDs and permissions. */
const BUCKET = 'photos-of-somebody';
const PLACE = ['--path', `s3://${BUCKET}/2026`, '--region', 'eu-central-1'];

let cloud: LocalCloud;
let cli: CliWorld;
beforeAll(async () => {
  cloud = await startFixture({ foreignBuckets: [BUCKET] });
  cli = await startCliWorld({ datasourceServers: serversOf(cloud) });
  // What is made of images goes to Winnow's own bucket, which is asked where the others are.
  cloud.foreignBuckets.set(cli.world.storage.bucket);
  const put = new PutObjectCommand({ Bucket: BUCKET, Key: '2026/a.png', Body: 'x' });
  await clientsOf(cloud).s3.send(put);
}, 60_000);
afterAll(async () => {
  await cli?.stop();
  await cloud?.close();
});

let made = 0;
let name: string;
let id: string;
beforeEach(async () => {
  made += 1;
  name = `connected-${made}`;
  id = await cli.client.createDataset(name);
  await takeMessages(cli.world.storage.sqs, cli.world.syncQueueUrl);
});
const messages = () => takeMessages(cli.world.storage.sqs, cli.world.syncQueueUrl);

/** As the command prints it. */
async function templateOf(purpose: 'INPUT' | 'INPUT_OUTPUT' = 'INPUT', folder = '2026') {
  const externalId = await cli.world.deps.externalIds.of(id);
  const place = { bucket: BUCKET, prefix: `${folder}/` };
  return cloudFormationTemplate({
    role: { place, purpose, region: 'eu-central-1', objectTags: true },
    ...{ accountId: cli.world.deps.deployment.accountId, externalId, name: `winnow-${id}` },
  });
}
type Template = Awaited<ReturnType<typeof templateOf>>;

/** Makes the role of a template, as CloudFormation would. @param without statements that somebody has left out */
function makeRole({ Resources }: Template, without: readonly string[] = []): string {
  const { AssumeRolePolicyDocument, Policies } = Resources.WinnowRole.Properties;
  const arn = `arn:aws:iam::000000000000:role/${name}`;
  const Statement = Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement).filter(
    ({ Sid }) => !without.includes(Sid),
  );
  cloud.foreignRoles.set({
    ...{ arn, name, maximumSessionSeconds: 3_600, trust: policyDocument.parse(AssumeRolePolicyDocument) },
    policies: [policyDocument.parse({ Statement })],
  });
  return arn;
}
const connect = (roleArn: string, ...options: string[]) =>
  cli.winnow([
    'datasources',
    'connect',
    name,
    ...PLACE,
    '--role-arn',
    roleArn,
    '--timeout',
    '1s',
    ...options,
  ]);

describe('winnow datasources connect', () => {
  test('prints what the owner of the bucket makes, and what comes next', async () => {
    const { code, stdout, stderr } = await cli.winnow(['datasources', 'connect', name, ...PLACE]);
    expect(code).toBe(0);
    const externalId = await cli.world.deps.externalIds.of(id);
    const [, template = '', terraform = ''] = /^# CloudFormation\n([\s\S]*)\n\n# Terraform\n([\s\S]*)$/.exec(
      stdout,
    )!;
    expect(JSON.parse(template).Resources).toMatchObject({
      ...(await templateOf()).Resources,
      ...{ WinnowEventRule: {}, WinnowEventRole: {} },
    });
    for (const text of [template, terraform]) expect(text).toContain(externalId);
    expect(stderr).toContain('aws cloudformation deploy');
    expect(stderr).toContain(
      `winnow datasources connect ${name} --path s3://${BUCKET}/2026 --region eu-central-1`,
    );
    // In the account of the stack, both would tell of each object twice.
    expect(stderr).toContain('In account 000000000000 itself the stack is enough; or, ');
    // Nothing is configured by it.
    expect((await cli.json('datasources', 'show', name)).type).toBe('LIGHTLY');
  });

  test('writes one template to a file, without a rule where none is wanted, and prints a link that opens it', async () => {
    const templateUrl = 'https://templates.s3.amazonaws.com/winnow.json';
    const options = ['--output', 'template.json', '--events', 'polling', '--template-url', templateUrl];
    const { code, stderr } = await cli.winnow(['datasources', 'connect', name, ...PLACE, ...options]);
    expect(code).toBe(0);
    const written = JSON.parse(readFileSync(join(cli.folder, 'template.json'), 'utf8'));
    expect(Object.keys(written.Resources)).toEqual(['WinnowRole']);
    expect(stderr).toContain(`quickcreate?templateURL=${encodeURIComponent(templateUrl)}`);
    const terraform = await cli.winnow(['datasources', 'connect', name, ...PLACE, '--format', 'terraform']);
    expect(terraform.stdout).toMatch(/^# .+\nresource "aws_iam_role" "winnow_[0-9a-f]{24}" \{\n/);
  });

  test('says the whole next call, and calls the parts of LIGHTLY differently from those of INPUT', async () => {
    const next = async (...options: string[]) =>
      (await cli.winnow(['datasources', 'connect', name, ...PLACE, ...options])).stderr;
    expect(await next('--events', 'notification')).toMatch(/--events notification --role-arn/);
    expect(await next('--events', 'eventbridge')).toMatch(/--events eventbridge --role-arn/);
    expect(await next('--purpose', 'LIGHTLY')).toContain(`--stack-name winnow-${id}-lightly `);
    expect(await next()).toContain(`--stack-name winnow-${id} `);
  });

  test('with the role of the template sets the datasource, and finds everything possible', async () => {
    const { code, stdout, stderr } = await connect(makeRole(await templateOf()));
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^list images +yes\nread images +yes\n/),
    });
    expect(stderr).not.toContain('Nothing is listed');
    expect(await cli.json('datasources', 'show', name)).toMatchObject({
      ...{ type: 'S3DelegatedAccess', purpose: 'INPUT', fullPath: `s3://${BUCKET}/2026` },
      s3ExternalId: await cli.world.deps.externalIds.of(id),
    });
    expect(await messages()).toContainEqual(expect.objectContaining({ work: 'compare', thorough: true }));
  });

  test('says where nothing is listed', async () => {
    const roleArn = makeRole(await templateOf('INPUT', '2062'));
    const { code, stderr } = await connect(roleArn, '--path', `s3://${BUCKET}/2062`);
    expect({ code, stderr }).toEqual({
      ...{
        code: 0,
        stderr: expect.stringContaining(`Nothing is listed in s3://${BUCKET}/2062: is the path`),
      },
    });
  });

  test.each([
    ['WinnowListsObjects', 's3:ListBucket', 'list images'],
    ['WinnowReadsObjects', 's3:GetObject', 'read images'],
    ['WinnowWritesObjects', 's3:PutObject', 'write .lightly/'],
  ])('says that %s is missing, word by word', async (sid, action, permission) => {
    const role = makeRole(await templateOf('INPUT_OUTPUT'), [sid]);
    const { code, stdout, stderr } = await connect(role, '--purpose', 'INPUT_OUTPUT');
    expect({ code, stderr }).toMatchObject({ code: 1 });
    expect(stdout).toMatch(new RegExp(`^${permission} +no: ${action} on`, 'm'));
    const lacks = `The permissions policy of the role lacks ${sid}, or a policy of the bucket or of the organisation forbids it`;
    expect(stdout).toContain(`${lacks}:\n{\n`);
    expect(stdout).toContain(`"${action}"`);
    expect(stderr).not.toContain('    at ');
    makeRole(await templateOf('INPUT_OUTPUT'));
    expect((await cli.winnow(['datasources', 'verify', name])).code).toBe(0);
  });

  test('can do without a role that may delete, and says so', async () => {
    const template = JSON.stringify(await templateOf('INPUT_OUTPUT')).replace(',"s3:DeleteObject"', '');
    const { code, stdout } = await connect(makeRole(JSON.parse(template)), '--purpose', 'INPUT_OUTPUT');
    expect(stdout).toMatch(/^overwrite \.lightly\/ +yes$/m);
    expect(stdout).toMatch(/^hint +s3:DeleteObject on/m);
    expect(code).toBe(0);
  });

  test('waits for a role that is not there yet', async () => {
    const template = await templateOf();
    const arn = `arn:aws:iam::000000000000:role/${name}`;
    const running = cli.start([
      'datasources',
      'connect',
      name,
      ...PLACE,
      '--role-arn',
      arn,
      '--timeout',
      '60s',
    ]);
    let said = '';
    await new Promise<unknown>((resolve) => {
      running.program.child.stderr?.on('data', (chunk: string) => {
        said += chunk;
        if (said.includes('Waiting')) resolve(said);
      });
      running.ended.then(resolve);
    });
    expect(said).toContain(`The role ${arn} can't be assumed`);
    makeRole(template);
    expect(await running.ended).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^list images +yes/),
    });
  }, 60_000);

  test('with a role that trusts another external ID names the statement of its trust policy', async () => {
    const template = await templateOf();
    const role = makeRole(
      JSON.parse(JSON.stringify(template).replaceAll(/winnow-[0-9a-f]{40}/g, 'another-id')),
    );
    const { code, stdout, stderr } = await connect(role);
    expect({ code, stderr }).toMatchObject({ code: 1 });
    expect(stdout).toContain('The trust policy of the role lacks WinnowAssumesThisRole');
    expect(stdout).toContain(await cli.world.deps.externalIds.of(id));
  });

  test('lends nobody else what the role lends, with whichever external ID they name it', async () => {
    const role = makeRole(await templateOf());
    const { token } = await cli.world.addUser(`bob-${made}@example.com`);
    const options = { env: { WINNOW_TOKEN: token } };
    const theirs = `of-bob-${made}`;
    expect((await cli.winnow(['datasets', 'create', theirs], options)).code).toBe(0);
    const asked = [theirs, ...PLACE, '--role-arn', role];
    const withOwn = await cli.winnow(['datasources', 'connect', ...asked, '--timeout', '1s'], options);
    expect(withOwn).toMatchObject({ code: 1, stdout: expect.stringContaining("can't be assumed") });
    const externalId = await cli.world.deps.externalIds.of(id);
    const withOurs = ['datasources', 'set-s3-delegated', ...asked, '--external-id', externalId];
    expect(await cli.winnow(withOurs, options)).toMatchObject({
      ...{ code: 4, stderr: expect.stringContaining('issued for another dataset') },
    });
    expect((await connect(role)).code).toBe(0);
  });

  test('says what is called wrongly', async () => {
    const cases = [
      [['--path', 's3://a'], 'names no bucket'],
      [['--region', 'eu'], "region: expected that of the bucket, as 'eu-central-1'"],
      [['--kms-key', 'mine'], 'kmsKey: expected the ARN of a key'],
      [['--events', 'carrier-pigeon'], 'carrier-pigeon'],
      [['--timeout', 'soon'], 'Give seconds'],
      [['--role-arn', 'arn:aws:iam::111122223333:user/ann'], 'Give the ARN of a role'],
      [['--path', 'arn:aws:s3:eu-central-1:111122223333:accesspoint/mine'], '--bucket'],
    ] as const;
    for (const [options, says] of cases) {
      const ended = await cli.winnow(['datasources', 'connect', name, ...PLACE, ...options]);
      expect(ended).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(says) });
    }
  });
});
