import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { inputSettings } from '#contracts/input-settings';
import type { LocalCloud } from '../../local/local-cloud.ts';
import { type CliWorld, startCliWorld } from '../support/cli-world.ts';
import { S3, SECRET } from '../support/datasource-world.ts';
import { serversOf } from '../support/foreign-datasources.ts';
import { startFixture } from '../support/local-stack.ts';
import { takeMessages } from '../support/queue-contents.ts';

const DEFAULTS = inputSettings.parse({});

let cloud: LocalCloud;
let cli: CliWorld;
beforeAll(async () => {
  cloud = await startFixture({});
  cli = await startCliWorld({ datasourceServers: serversOf(cloud) });
  // What is made of images goes to Winnow's own bucket, which is asked where the others are.
  cloud.foreignBuckets.set(cli.world.storage.bucket);
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
  name = `settings-${made}`;
  id = await cli.client.createDataset(name);
  await messages();
});
const messages = () => takeMessages(cli.world.storage.sqs, cli.world.syncQueueUrl);
const datasources = (command: string, ...parameters: string[]) =>
  cli.winnow(['datasources', command, name, ...parameters]);
const configs = async () => (await cli.world.deps.datasources.get(id))?.configs;
const inputNow = async () => (await cli.world.deps.datasets.get(id))?.settings.input;

describe('winnow datasources settings', () => {
  test('shows them, changes some of them, and brings defaults back', async () => {
    const { code, stdout } = await datasources('settings');
    expect({ code, settings: JSON.parse(stdout) }).toEqual({ code: 0, settings: DEFAULTS });
    expect(await messages()).toEqual([]);
    const patterns = ['--set', 'include=["2026/**"]', '--set', 'minBytes=10'];
    const bucket = ['--set', 'requesterPays=true', '--set', 'bucketOwner=111122223333'];
    const set = await datasources('settings', ...patterns, ...bucket);
    expect(set).toMatchObject({ code: 0, stderr: expect.stringContaining('winnow datasources status') });
    expect(await inputNow()).toEqual({
      ...{ ...DEFAULTS, include: ['2026/**'], minBytes: 10 },
      ...{ requesterPays: true, bucketOwner: '111122223333' },
    });
    expect(await messages()).toEqual([{ datasetId: id, work: 'compare', askedAt: expect.any(Number) }]);
    const rest = await datasources('settings', '--unset', 'requesterPays', '--unset', 'bucketOwner');
    expect(JSON.parse(rest.stdout)).toEqual({ ...DEFAULTS, include: ['2026/**'], minBytes: 10 });
  });

  test('are replaced by a file: of their own, or with other settings', async () => {
    const exclude = ['tmp/**'];
    writeFileSync(join(cli.folder, 'settings.json'), JSON.stringify({ schedule: {}, input: { exclude } }));
    expect((await datasources('settings', 'settings.json')).code).toBe(0);
    expect(await inputNow()).toEqual({ ...DEFAULTS, exclude });
    const given = await cli.winnow(['datasources', 'settings', name, '-'], { input: '{"maxBytes":5}' });
    expect(JSON.parse(given.stdout)).toEqual({ ...DEFAULTS, maxBytes: 5 });
  });

  test.each([
    [['--set', 'frob=1'], 'input: there is no field frob; expected include, exclude, extensions,'],
    [['--set', 'lightly={"exclud":[]}'], 'input.lightly: there is no field exclud; expected requesterPays,'],
    [['--set', 'include=2026/**'], 'input.include'],
    [['-', '--set', 'minBytes=1'], 'replaces all'],
  ])('%j is refused, and why is said', async (parameters, says) => {
    expect(await datasources('settings', ...parameters)).toEqual({
      ...{ code: 2, stdout: '', stderr: expect.stringContaining(says) },
    });
    expect(await inputNow()).toEqual(DEFAULTS);
  });
});

describe('winnow datasources set', () => {
  const local = {
    type: 'LOCAL',
    purpose: 'INPUT',
    fullPath: 'birds',
    webServerLocation: 'https://files.example.com',
  };

  test('sets a datasource of any type from a file or standard input, and shows no secret', async () => {
    writeFileSync(join(cli.folder, 'local.json'), JSON.stringify(local));
    expect(await datasources('set', 'local.json')).toMatchObject({
      ...{ code: 0, stdout: expect.stringContaining('LOCAL'), stderr: expect.stringContaining('verify') },
    });
    expect(await cli.json('datasources', 'show', name)).toMatchObject(local);
    for (const format of [[], ['--json']]) {
      const set = await cli.winnow(['datasources', 'set', name, '-', ...format], {
        input: JSON.stringify(S3),
      });
      expect(set).toMatchObject({ code: 0, stdout: expect.stringContaining(S3.fullPath) });
      expect(set.stdout + set.stderr).not.toContain(SECRET);
    }
    expect(await configs()).toMatchObject([S3]);
  });

  test('refuses what is no datasource, names the field, and shows no secret either', async () => {
    const { s3AccessKeyId: _, ...incomplete } = S3;
    const cases = [
      [JSON.stringify(incomplete), 's3AccessKeyId'],
      [`{"s3SecretAccessKey": "${SECRET}"`, "'-' is not JSON"],
    ] as const;
    for (const [input, says] of cases) {
      const { code, stdout, stderr } = await cli.winnow(['datasources', 'set', name, '-', '--verbose'], {
        input,
      });
      expect({ code, stdout, stderr }).toEqual({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining(says),
      });
      expect(stderr).not.toContain(SECRET);
    }
  });
});

describe('winnow datasources disconnect', () => {
  test('goes back to the landing bucket, once somebody has said that this is meant', async () => {
    await cli.winnow(['datasources', 'set', name, '-'], {
      input: JSON.stringify({ ...S3, purpose: 'INPUT_OUTPUT' }),
    });
    expect(await datasources('disconnect')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--yes'),
    });
    expect(await configs()).toMatchObject([{ purpose: 'INPUT_OUTPUT' }]);
    await messages();
    expect(await datasources('disconnect', '--yes')).toMatchObject({
      ...{ code: 0, stdout: expect.stringContaining(`${cli.world.deps.buckets.landing}/${name}/`) },
    });
    // What is made of images stays where it is.
    expect(await configs()).toMatchObject([
      ...[
        { purpose: 'INPUT_OUTPUT', type: 'S3' },
        { purpose: 'INPUT', type: 'LIGHTLY' },
      ],
    ]);
    expect(await messages()).toEqual([expect.objectContaining({ datasetId: id, work: 'compare' })]);
    expect(await datasources('disconnect')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('already'),
    });
  });
});

test('winnow datasources connect says of a LIGHTLY whose it is and who pays, and leaves INPUT as it is', async () => {
  const place = ['--path', 's3://results/birds', '--region', 'eu-central-1', '--purpose', 'LIGHTLY'];
  const role = ['--role-arn', 'arn:aws:iam::111122223333:role/Winnow', '--timeout', '1s'];
  const before = await inputNow();
  await datasources('connect', ...place, ...role, '--requester-pays');
  await datasources('connect', ...place, ...role, '--bucket-owner', '111122223333');
  const lightly = { pathStyle: false, requesterPays: true, bucketOwner: '111122223333' };
  expect(await inputNow()).toEqual({ ...before, lightly });
});

test('winnow datasources connect says of an access point which bucket is behind it, who pays and whose it is', async () => {
  const point = 's3://arn:aws:s3:eu-central-1:111122223333:accesspoint/photos/2026';
  const role = ['--role-arn', 'arn:aws:iam::111122223333:role/Winnow', '--timeout', '1s'];
  const place = ['--path', point, '--region', 'eu-central-1'];
  const more = ['--bucket', 'photos-of-somebody', '--bucket-owner', '111122223333', '--requester-pays'];
  const templates = await datasources('connect', ...place, ...more);
  expect(templates.stderr).toContain(`${more.join(' ')} --role-arn <RoleArn of the stack>`);
  expect(await inputNow()).toEqual(DEFAULTS);
  expect(await datasources('connect', ...place, ...role)).toMatchObject({
    ...{ code: 2, stderr: expect.stringContaining('give --bucket') },
  });
  // There is no such role here: whether it works is not what this is about.
  expect(await datasources('connect', ...place, ...role, ...more)).toMatchObject({
    ...{ code: 1, stdout: expect.stringContaining("can't be assumed") },
  });
  const eventBucket = 'photos-of-somebody';
  expect(await inputNow()).toEqual({
    ...{ ...DEFAULTS, eventBucket, bucketOwner: '111122223333', requesterPays: true },
  });
  expect(await cli.world.deps.inputBuckets.datasetsIn(eventBucket)).toEqual([id]);
  expect((await cli.json('datasources', 'status', name)).events).toEqual({
    from: 'bucket',
    bucket: eventBucket,
  });
});
