import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ADMINISTRATOR_ID } from '#contracts/access';
import type { DatasetSync } from '#contracts/syncs';
import { NO_COUNTS } from '#platform/syncs/next-sync';
import { type CliWorld, startCliWorld } from '../support/cli-world.ts';
import { startFakeBucketNotifications } from '../support/fake-bucket-notifications.ts';
import { takeMessages } from '../support/queue-contents.ts';

let cli: CliWorld;
let bucket: Awaited<ReturnType<typeof startFakeBucketNotifications>>;
beforeAll(async () => {
  [cli, bucket] = await Promise.all([startCliWorld(), startFakeBucketNotifications()]);
}, 60_000);
afterAll(async () => {
  await cli?.stop();
  await bucket?.stop();
});

let made = 0;
let name: string;
let id: string;
beforeEach(async () => {
  made += 1;
  name = `work-${made}`;
  id = await cli.client.createDataset(name);
});
const messages = async () =>
  (await takeMessages(cli.world.storage.sqs, cli.world.syncQueueUrl)).filter(
    (message) => (message as { datasetId: string }).datasetId === id,
  );

describe('winnow datasources', () => {
  test('status tells where images come from, what waits and what is wrong', async () => {
    const { code, stdout } = await cli.winnow(['datasource', 'status', name]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^path +s3:\/\/.+-landing\/work-\d+\/\n/);
    expect(stdout).toMatch(/\nsync +not yet\n/);
    const { deps } = cli.world;
    const problem = { use: 'INPUT', code: 'DENIED', scope: 'object', action: 's3:GetObject' } as const;
    await deps.datasourceStates.noteProblem(id, 0, {
      ...{ ...problem, resource: 'arn:aws:s3:::x/*', reason: 'Denied: allow it.', seenAt: 1_000 },
    });
    const counts = { listed: 500, requests: 1, missed: 7, changed: 0, gone: 0, skipped: { extension: 3 } };
    await deps.syncs.replace({
      ...{ datasetId: id, version: 1, id: '0'.repeat(24), kind: 'compare', scope: {}, placeDigest: 'x' },
      ...{
        source: 'listing',
        state: 'DONE',
        startedAt: 1,
        lastProgressAt: 2,
        finishedAt: 3,
        firstStartedAt: 1,
      },
      ...{ parts: [], counts },
    });
    const { stdout: told } = await cli.winnow(['datasources', 'status', name]);
    expect(told).toMatch(/\nproblem +Denied: allow it\. \(since 1970-01-01 00:00; tried again .* verify\)\n/);
    expect(told).toMatch(/\nsync +listing done .*: 500 listed, 7 new, 0 changed, 0 gone, 3 extension\n/);
    expect(await cli.json('datasources', 'status', name)).toMatchObject({ problem, sync: { counts } });
    await deps.syncs.replace({
      ...{ datasetId: id, version: 2, id: '1'.repeat(24), kind: 'replay', scope: {}, placeDigest: 'x' },
      ...{
        source: 'listing',
        state: 'DONE',
        startedAt: 4,
        lastProgressAt: 5,
        finishedAt: 6,
        firstStartedAt: 1,
      },
      ...{ parts: [], counts: { ...counts, missed: 0, changed: 497 } },
    });
    expect((await cli.winnow(['datasources', 'status', name])).stdout).toMatch(
      /\nsync +replay done .*: 500 listed, 497 read again, 3 extension\n/,
    );
    const registry = { registered: 490, archived: 0, rejected: { ARCHIVED: 7 } };
    const last = { startedAt: 1_000, finishedAt: 2_000, counts: { ...counts, missedInArchive: 7, registry } };
    const reportProblem = 'The inventory has no report of the last seven days.';
    await deps.syncs.replace({ ...(await deps.syncs.get(id))!, version: 3, last, reportProblem });
    const { stdout: listed } = await cli.winnow(['datasources', 'status', name]);
    expect(listed).toMatch(/\ninventory +not read: The inventory has no report of the last seven days\.\n/);
    expect(listed).toMatch(/\nlast complete .*, 7 new \(7 of them in an archive\), 0 changed/);
    expect(listed).toMatch(
      /\nregistered +490, 7 rejected as ARCHIVED, when the last complete listing began: 1970-01-01 00:00:01\n/,
    );
  });

  test('sync and replay ask the stage sync; a day that is the end of a range counts to its end', async () => {
    const { sync } = await cli.json('datasources', 'sync', name, '--thorough');
    const scope = ['--prefix', 'day/', '--from', '2026-01-31', '--to', '2026-01-31T12:00:00+01:00'];
    const { replay } = await cli.json('datasources', 'replay', name, ...scope);
    await cli.json('datasources', 'replay', name, '--from', '2026-01-01', '--to', '2026-01-31');
    const [thorough, first, second] = await messages();
    expect(thorough).toEqual({ datasetId: id, work: 'compare', thorough: true, askedAt: expect.any(Number) });
    expect(sync).toContain(String((thorough as { readonly askedAt: number }).askedAt));
    expect(first).toEqual({
      ...{ datasetId: id, work: 'replay', id: replay },
      scope: { prefix: 'day/', from: Date.UTC(2026, 0, 31), to: Date.UTC(2026, 0, 31, 11) },
    });
    const january = { from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 1, 1) - 1 };
    expect(second).toMatchObject({ scope: january });
    const ahead = await cli.winnow([
      'datasources',
      'replay',
      name,
      '--from',
      '2026-02-01',
      '--to',
      '2026-01-01',
    ]);
    expect(ahead).toMatchObject({ code: 2, stderr: expect.stringContaining('not after that of to') });
    for (const wrong of [[], ['--from', 'yesterday']]) {
      expect(await cli.winnow(['datasources', 'replay', name, ...wrong])).toMatchObject({
        code: 2,
        stdout: '',
      });
    }
  });

  describe('--wait', () => {
    interface Asked {
      readonly id: string;
      readonly askedAt: number;
    }
    const firstMessage = async (): Promise<Asked> => {
      for (;;) {
        const [message] = await messages();
        if (message) return message as Asked;
        await sleep(50);
      }
    };
    /** What the stage sync comes to, once it is asked. */
    const carriedOut = async (fieldsOf: (message: Asked) => Partial<DatasetSync>) => {
      const message = await firstMessage();
      const at = Date.now();
      await cli.world.deps.syncs.replace({
        ...{ datasetId: id, version: 1, id: '2'.repeat(24), kind: 'compare', scope: {}, placeDigest: 'x' },
        ...{ source: 'listing', state: 'DONE', startedAt: at, lastProgressAt: at, firstStartedAt: 1 },
        ...{ parts: [], counts: NO_COUNTS, ...fieldsOf(message) },
      });
    };
    const waiting = (...args: string[]) => cli.winnow(['datasources', ...args, name, '--wait']);

    test('ends when what was asked for is done', async () => {
      const synced = waiting('sync');
      await carriedOut(({ askedAt }) => ({
        last: { startedAt: askedAt, finishedAt: askedAt, counts: NO_COUNTS },
      }));
      expect(await synced).toMatchObject({ code: 0, stdout: `The datasource of ${name} has been listed\n` });
    });

    test('ends when all images have been asked for again', async () => {
      const replayed = waiting('replay', '--all');
      await carriedOut((message) => ({ endedReplays: [{ id: message.id, outcome: 'done' }] }));
      expect(await replayed).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('how many it is: winnow datasources status'),
      });
    });

    test('fails where the datasource refuses, and where the dataset is paused', async () => {
      const synced = waiting('sync');
      await carriedOut(() => ({ state: 'FAILED', error: 'Allow s3:ListBucket.' }));
      expect(await synced).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining('Allow s3:ListBucket.'),
      });
      await cli.json('datasets', 'pause', name);
      expect(await waiting('replay', '--all')).toMatchObject({
        code: 5,
        stderr: expect.stringContaining('paused'),
      });
    });
  });

  test('dry-run tells what a filter would do, from a file or with settings', async () => {
    const { landing } = cli.world.deps.buckets;
    for (const Key of ['a.jpg', 'b.png', 'c.jpg'].map((file) => `${name}/${file}`)) {
      await cli.world.storage.s3.send(new PutObjectCommand({ Bucket: landing, Key, Body: 'x' }));
    }
    const input = { include: ['*.jpg'], listEverySeconds: 600, bucketOwner: '111122223333' };
    writeFileSync(join(cli.folder, 'settings.json'), JSON.stringify({ input }));
    const { stdout } = await cli.winnow(['datasources', 'dry-run', name, 'settings.json']);
    expect(stdout).toContain('3 first objects by name');
    expect(stdout).toMatch(/\n +2 +taken +a\.jpg, c\.jpg\n/);
    expect(stdout).toMatch(/\n +1 +left out: not-included +b\.png\n/);
    const strange = await cli.winnow(['datasources', 'dry-run', name, '-'], {
      input: JSON.stringify({ input: { inclde: [] } }),
    });
    expect(strange).toMatchObject({ code: 2, stderr: expect.stringContaining('inclde') });
    const filter = JSON.stringify({ exclude: ['[a'] });
    const { code, stderr } = await cli.winnow(['datasources', 'dry-run', name, '-'], { input: filter });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('exclude[0]') });
  });

  test('pause and resume, of datasources as of datasets', async () => {
    expect(await cli.json('datasets', 'pause', name)).toMatchObject({ id, pausedAt: expect.any(Number) });
    expect((await cli.winnow(['datasources', 'status', name])).stdout).toMatch(/\npaused +since /);
    for (const asked of [['sync'], ['replay', '--all']]) {
      const { stderr } = await cli.winnow(['datasources', ...asked, name]);
      expect(stderr).toContain('is paused: this begins within five minutes after winnow datasources resume');
    }
    await messages();
    expect(await cli.winnow(['datasources', 'resume', name])).toMatchObject({
      ...{ code: 0, stdout: `${name} goes on\n` },
    });
    expect(await messages()).toHaveLength(2);
    expect((await cli.world.deps.datasets.get(id))?.pausedAt).toBeUndefined();
  });
});

test('winnow datasets transfer gives a dataset to another user, by address or id', async () => {
  const { user } = await cli.world.addUser('heir@example.com');
  expect(await cli.winnow(['datasets', 'transfer', name, user.email])).toMatchObject({
    ...{ code: 0, stdout: `${name} is owned by heir@example.com\n` },
  });
  expect((await cli.world.deps.datasets.get(id))?.userId).toBe(user.id);
  expect((await cli.json('datasets', 'transfer', name, ADMINISTRATOR_ID)).userId).toBe(ADMINISTRATOR_ID);
  expect(await cli.winnow(['datasets', 'transfer', name, 'nobody@example.com'])).toMatchObject({ code: 3 });
});

describe('events of a bucket of the same account', () => {
  const THEIRS =
    '<NotificationConfiguration><TopicConfiguration><Id>theirs</Id><Topic>arn:aws:sns:eu-central-1:1:t</Topic>' +
    '<Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>prefix</Name><Value>other/</Value>' +
    '</FilterRule></S3Key></Filter></TopicConfiguration></NotificationConfiguration>';
  const connect = (...options: string[]) =>
    cli.winnow(
      [
        ...['datasources', 'connect', name, '--path', 's3://photos/2026', '--region', 'eu-central-1'],
        ...['--role-arn', 'arn:aws:iam::000000000000:role/Photos', '--timeout', '1s', ...options],
      ],
      {
        env: {
          AWS_ENDPOINT_URL_S3: bucket.endpoint,
          AWS_ACCESS_KEY_ID: 'id',
          AWS_SECRET_ACCESS_KEY: 'secret',
        },
      },
    );

  test('are left as they are where that is denied, and where nobody asks', async () => {
    bucket.reset(THEIRS);
    await connect();
    await connect('--events', 'polling');
    bucket.deny();
    const denied = await connect('--events', 'eventbridge');
    expect(denied).toMatchObject({ code: 4, stderr: expect.stringContaining('s3:PutBucketNotification') });
    expect(bucket.requests().filter((request) => request.startsWith('PUT'))).toEqual([]);
  });

  test('that somebody else changes at the same time are looked at again', async () => {
    bucket.reset(THEIRS);
    bucket.replaceAfterPut(THEIRS);
    const { code, stderr } = await connect('--events', 'notification');
    expect({ code, stderr }).toEqual({ code: 5, stderr: expect.stringContaining('at the same time') });
  });
});
