import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ensureAssembly } from '../../local/assembly.ts';
import type { Connection } from '../../local/local-cloud.ts';
import { eventually } from '../support/local-stack.ts';
import { photo } from '../support/photos.ts';
import {
  isAlive,
  killPrograms,
  type Program,
  runProgram,
  startProgram,
  waitUntil,
} from '../support/program.ts';

const SCENES = 4;
const photos: Buffer[] = [];
let home: string;
const clients: S3Client[] = [];
beforeAll(async () => {
  await ensureAssembly();
  for (let scene = 0; scene < SCENES; scene++) photos.push(await photo(scene));
}, 60_000);
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'winnow-local-test-'));
});
afterEach(() => {
  killPrograms();
  for (const client of clients.splice(0)) client.destroy();
  rmSync(home, { recursive: true, force: true });
});
afterAll(killPrograms);

const startLocal = (...parameters: string[]): Program =>
  startProgram('local/main.ts', [
    '--state',
    join(home, 'state'),
    '--ready-file',
    join(home, 'ready.json'),
    ...parameters,
  ]);

async function ready(program: Program): Promise<Connection> {
  await waitUntil(program, () => existsSync(join(home, 'ready.json')));
  return JSON.parse(readFileSync(join(home, 'ready.json'), 'utf8')) as Connection;
}

async function interrupt(program: Program): Promise<number | null> {
  program.child.kill('SIGINT');
  return (await program.exited).code;
}

/** A client as a program makes it that has read the ready file and nothing else. */
function s3Of({ region, accessKeyId, secretAccessKey, endpoints }: Connection): S3Client {
  const credentials = { accessKeyId, secretAccessKey };
  const s3 = new S3Client({ region, credentials, endpoint: endpoints.s3, forcePathStyle: true });
  clients.push(s3);
  return s3;
}

async function keysOf(s3: S3Client, bucket: string): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Contents.map(({ Key = '' }) => Key);
}

describe('the ready file', () => {
  test('has exactly the documented fields, all filled, and is gone at the end', async () => {
    const program = startLocal();
    const connection = await ready(program);
    expect(connection).toEqual({
      apiUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+/),
      token: expect.stringMatching(/.{16,}/),
      region: expect.stringMatching(/^[a-z]+-[a-z]+-\d$/),
      accessKeyId: expect.stringMatching(/^[A-Z0-9]{16,}$/),
      secretAccessKey: expect.stringMatching(/.{16,}/),
      endpoints: Object.fromEntries(
        ['s3', 'sqs', 'dynamodb', 'sts'].map((name) => [
          name,
          expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
        ]),
      ),
      buckets: Object.fromEntries(
        ['landing', 'platform', 'exports', 'archive'].map((name) => [
          name,
          expect.stringMatching(/^[a-z0-9.-]{3,63}$/),
        ]),
      ),
    });
    const version = await fetch(new URL('v1/versions/pip/latest', connection.apiUrl));
    expect(version.status).toBe(200);
    expect(await interrupt(program)).toBe(0);
    expect(existsSync(join(home, 'ready.json'))).toBe(false);
  }, 30_000);

  test('is not there, and the exit code is 1, where the folder can not be written', async () => {
    const file = join(home, 'missing', 'ready.json');
    const { code, output } = await runProgram('local/main.ts', [
      '--state',
      join(home, 'state'),
      '--ready-file',
      file,
    ]);
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining(file) });
  }, 30_000);
});

/** What the program tells to paste into a shell. */
function pasted(program: Program): NodeJS.ProcessEnv {
  const lines = program.output().matchAll(/^ {2}export (\w+)=(.*)$/gm);
  return Object.fromEntries([...lines].map(([, name, value]) => [name, value]));
}

/** Settings with a short quiet period, set with the command that users have for it. */
async function configureBirds(program: Program): Promise<void> {
  await waitUntil(program, () => program.output().includes('Ctrl-C ends it'));
  const document = {
    schedule: { minNewImages: SCENES, quietPeriodSeconds: 1 },
    exports: { formats: ['filenames'] },
  };
  const { code, output } = await runProgram('cli/main.ts', ['settings', 'set', 'birds', '-'], {
    input: JSON.stringify(document),
    env: pasted(program),
  });
  expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('quietPeriodSeconds') });
}

const dropAll = (connection: Connection, s3: S3Client) =>
  Promise.all(
    photos.map((Body, scene) =>
      s3.send(new PutObjectCommand({ Bucket: connection.buckets.landing, Key: `birds/${scene}.jpg`, Body })),
    ),
  );

const MANIFEST = 'birds/latest/manifest.json';
async function exportedNames(s3: S3Client, Bucket: string): Promise<string> {
  await eventually(
    () => keysOf(s3, Bucket),
    (keys) => keys.includes(MANIFEST),
  );
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'birds/latest/filenames.txt' }));
  return Body?.transformToString() ?? '';
}

test('images put with the plain SDK flow to exports; the state survives a restart, and --reset clears it', async () => {
  const first = startLocal();
  const connection = await ready(first);
  const s3 = s3Of(connection);
  const { exports } = connection.buckets;
  await configureBirds(first);
  await dropAll(connection, s3);
  const names = await exportedNames(s3, exports);
  expect(names).toMatch(/^\d\.jpg\n$/);
  const processes = first.processes();
  expect(await interrupt(first)).toBe(0);
  expect(processes.filter(isAlive)).toEqual([]);

  const second = startLocal();
  expect(await ready(second)).toEqual(connection);
  expect(await exportedNames(s3, exports)).toBe(names);
  expect(await interrupt(second)).toBe(0);

  const third = startLocal('--reset');
  const fresh = await ready(third);
  expect(fresh.secretAccessKey).not.toBe(connection.secretAccessKey);
  const freshS3 = s3Of(fresh);
  expect(await keysOf(freshS3, fresh.buckets.landing)).toEqual([]);
  expect(await keysOf(freshS3, fresh.buckets.exports)).toEqual([]);
  expect(await interrupt(third)).toBe(0);
}, 60_000);

test('killed with all its processes in the middle of ingest, it loses nothing after a restart', async () => {
  const first = startLocal();
  const connection = await ready(first);
  const s3 = s3Of(connection);
  await configureBirds(first);
  await dropAll(connection, s3);
  // Its function processes are at work from now on; it has answered the PUTs and nothing more.
  await eventually(
    () => first.processes().length,
    (processes) => processes > 1,
  );
  const processes = first.processes();
  first.child.kill('SIGKILL');
  await first.exited;
  await eventually(
    () => processes.filter(isAlive),
    (alive) => alive.length === 0,
  );
  rmSync(join(home, 'ready.json'));

  const second = startLocal();
  expect(await ready(second)).toEqual(connection);
  expect(await exportedNames(s3, connection.buckets.exports)).toMatch(/^\d\.jpg\n$/);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: connection.buckets.exports, Key: MANIFEST }));
  expect(JSON.parse((await Body?.transformToString()) ?? '').files).toMatchObject([{ rows: 1 }]);
  const thumbnails = (await keysOf(s3, connection.buckets.platform)).filter((key) =>
    key.includes('/thumbnails/'),
  );
  expect(thumbnails).toHaveLength(SCENES);
  expect(await interrupt(second)).toBe(0);
}, 60_000);

test('a second one on the same state is refused with the reason, and the first goes on', async () => {
  const first = startLocal();
  const connection = await ready(first);
  const { code, output } = await runProgram('local/main.ts', ['--state', join(home, 'state')]);
  expect(code).toBe(1);
  expect(output).toBe(
    `A local cloud is already running on ${join(home, 'state')}. End it first, or choose another state directory.\n`,
  );
  const reset = await runProgram('local/main.ts', ['--state', join(home, 'state'), '--reset']);
  expect(reset.code).toBe(1);
  expect(await keysOf(s3Of(connection), connection.buckets.landing)).toEqual([]);
  expect(await interrupt(first)).toBe(0);
}, 30_000);

test.each(['--rest', '--ready-file', 'photos'])('%s alone is refused with a hint', async (parameter) => {
  const { code, output } = await runProgram('local/main.ts', [parameter]);
  expect({ code, output }).toEqual({ code: 2, output: expect.stringContaining('Usage: npm run local') });
  expect(output).toContain(parameter);
});
