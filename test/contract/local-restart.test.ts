import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Connection, type LocalCloud, StateInUseError } from '../../local/local-cloud.ts';
import { clientsOf, eventually, LOCAL_STACK, startFixture, workedOn } from '../support/local-stack.ts';

const MAIN = fileURLToPath(new URL('../../local/main.ts', import.meta.url));

let stateDirectory: string;
const squatters: Server[] = [];
beforeEach(() => {
  stateDirectory = mkdtempSync(join(tmpdir(), 'winnow-restart-'));
});
afterEach(() => {
  rmSync(stateDirectory, { recursive: true, force: true });
  for (const squatter of squatters.splice(0)) squatter.close();
});

const put = (
  cloud: Pick<LocalCloud, 'connection'>,
  bucket: keyof Connection['buckets'],
  Key: string,
  Body: string,
  Tagging?: string,
) =>
  clientsOf(cloud as LocalCloud).s3.send(
    new PutObjectCommand({ Bucket: cloud.connection.buckets[bucket], Key, Body, Tagging }),
  );

describe('after a restart', () => {
  test('objects, their tags, messages, items, addresses, keys and the token are as they were', async () => {
    const first = await startFixture({ stateDirectory });
    await put(first, 'landing', 'in/before', 'seen before');
    await put(first, 'exports', 'large', 'x'.repeat(100_000), 'kept=yes');
    await first.idle();
    first.pauseEventSources();
    await put(first, 'landing', 'in/waiting', 'seen after');
    await first.close();

    const second = await startFixture({ stateDirectory });
    expect(second.connection).toEqual(first.connection);
    await second.idle();
    expect(await workedOn(second, 'in/before')).toMatchObject({ deliveries: 1 });
    expect(await workedOn(second, 'in/waiting')).toMatchObject({ deliveries: 1 });
    const large = new GetObjectCommand({ Bucket: second.connection.buckets.exports, Key: 'large' });
    const { Body, TagCount } = await clientsOf(second).s3.send(large);
    expect(await Body?.transformToString()).toBe('x'.repeat(100_000));
    expect(TagCount).toBe(1);
    await second.close();
  });

  test('what a function was working on is delivered again at once', async () => {
    const first = await startFixture({ stateDirectory, visibilityTimeoutCap: 3600 });
    first.onRequest(({ ordinal }) => {
      if (ordinal === 2) first.kill('ingest');
    });
    await put(first, 'landing', 'in/interrupted', 'x');
    await eventually(
      () => first.statistics().ingest!.killed,
      (killed) => killed === 1,
    );
    await first.close();
    const second = await startFixture({ stateDirectory });
    await second.idle();
    expect(await workedOn(second, 'in/interrupted')).toMatchObject({ deliveries: 1 });
    await second.close();
  });

  test('on a taken port, it takes another one and says so', async () => {
    const first = await startFixture({ stateDirectory });
    await first.close();
    const { port } = new URL(first.connection.endpoints.s3);
    const squatter = createServer().listen(Number(port), '127.0.0.1');
    await once(squatter, 'listening');
    squatters.push(squatter);
    const notices: string[] = [];
    const second = await startFixture({ stateDirectory, notice: (text) => notices.push(text) });
    expect(second.connection.endpoints.s3).not.toBe(first.connection.endpoints.s3);
    expect(notices.join()).toContain(`port ${port} is taken`);
    await put(second, 'landing', 'in/elsewhere', 'x');
    await second.idle();
    expect(await workedOn(second, 'in/elsewhere')).toMatchObject({ deliveries: 1 });
    await second.close();
  });
});

test('two local clouds on one state directory are refused with a clear reason', async () => {
  const first = await startFixture({ stateDirectory });
  await expect(startFixture({ stateDirectory })).rejects.toThrow(StateInUseError);
  await first.close();
  const second = await startFixture({ stateDirectory });
  await second.close();
});

describe('the program', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  function run(...parameters: string[]): { child: ChildProcess; output: () => string } {
    const child = spawn(process.execPath, [MAIN, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += String(chunk)));
    return { child, output: () => text };
  }
  const options = () => ['--assembly', LOCAL_STACK, '--state', stateDirectory];
  async function ready(file: string): Promise<Connection> {
    await eventually(
      () => existsSync(file),
      (exists) => exists,
    );
    return JSON.parse(readFileSync(file, 'utf8')) as Connection;
  }

  test('loses nothing that was accepted when it is killed', async () => {
    const file = join(stateDirectory, 'ready.json');
    const { child } = run(...options(), '--ready-file', file);
    const connection = await ready(file);
    const keys = Array.from({ length: 60 }, (_, index) => `in/${index}`);
    await Promise.all(keys.map((key) => put({ connection }, 'landing', key, key)));
    child.kill('SIGKILL');
    await once(child, 'exit');
    const cloud = await startFixture({ stateDirectory });
    await cloud.idle();
    for (const key of keys) expect(await workedOn(cloud, key)).toBeDefined();
    await cloud.close();
  });

  test('prints how to use it, ends at Ctrl-C with success, and starts anew with --reset', async () => {
    const file = join(stateDirectory, 'ready.json');
    const first = run(...options(), '--ready-file', file);
    const connection = await ready(file);
    expect(Object.keys(connection).toSorted()).toEqual(
      ['accessKeyId', 'apiUrl', 'buckets', 'endpoints', 'region', 'secretAccessKey', 'token'].toSorted(),
    );
    await put({ connection }, 'exports', 'kept', 'x');
    await eventually(first.output, (text) => text.includes('aws s3 cp'));
    expect(first.output()).toContain(connection.endpoints.s3);
    first.child.kill('SIGINT');
    expect(await once(first.child, 'exit')).toEqual([0, null]);
    expect(existsSync(file)).toBe(false);

    const second = run(...options(), '--reset', '--ready-file', file);
    const fresh = await ready(file);
    expect(fresh.token).not.toBe(connection.token);
    const get = new GetObjectCommand({ Bucket: fresh.buckets.exports, Key: 'kept' });
    await expect(clientsOf({ connection: fresh } as LocalCloud).s3.send(get)).rejects.toThrow();
    second.child.kill('SIGTERM');
    expect(await once(second.child, 'exit')).toEqual([0, null]);
  });

  test('refuses options that it does not know', async () => {
    const { child, output } = run('--rest');
    expect(await once(child, 'exit')).toEqual([2, null]);
    expect(output()).toContain("'--rest'");
  });
});
