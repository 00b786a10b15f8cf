import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BUILT_IN_WORKER_ID } from '#contracts/workers';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { newId } from '../support/documents.ts';

const clock = { now: Date.now() };
let world: ApiWorld;
beforeAll(async () => {
  world = await startApiWorld({ now: () => clock.now });
});
afterAll(() => world.stop());

let members = 0;
const member = () => world.addUser(`worker-${++members}@example.com`);
const register = (name: string, fields: { labels?: string[]; dockerVersion?: string } = {}, token?: string) =>
  world.call('register_docker_worker', {
    body: { name, workerType: 'FULL', ...fields },
    ...(token && { token }),
  });

describe('workers', () => {
  test('that are registered again under their name keep their id, and their labels unless others are given', async () => {
    const { token } = await member();
    const { id } = await register('one', { labels: ['gpu'] }, token);
    expect(await register('one', { labels: [] }, token)).toEqual({ id });
    const get = () => world.call('get_docker_worker_registry_entry_by_id', { path: { workerId: id }, token });
    expect(await get()).toMatchObject({ name: 'one', labels: ['gpu'], state: 'OFFLINE', isDefault: false });
    expect(await register('one', { labels: ['cpu', 'cpu'] }, token)).toEqual({ id });
    expect((await get()).labels).toEqual(['cpu']);
    const other = await member();
    expect((await register('one', {}, other.token)).id).not.toBe(id);
  });

  test('are listed by their owner, after the built-in one, which is the default', async () => {
    const { token, user } = await member();
    const { id } = await register('listed', { dockerVersion: '3.0.0' }, token);
    const listed = await world.call('get_docker_worker_registry_entries', { token });
    expect(listed.map((worker) => worker.id)).toEqual([BUILT_IN_WORKER_ID, id]);
    expect(listed[1]).toMatchObject({ userId: user.id, dockerVersion: '3.0.0', workerType: 'FULL' });
    const builtIn = await world.call('get_default_or_register_worker', { token });
    expect(builtIn).toEqual(listed[0]);
    expect(builtIn).toMatchObject({ name: 'Winnow', labels: [], isDefault: true, state: 'IDLE' });
    const of = async (query: object, caller?: string) =>
      (
        await world.call('get_docker_worker_registry_entries', { query, ...(caller && { token: caller }) })
      ).map((worker) => worker.id);
    expect(await of({ getAssetsOfTeam: true })).toContain(id);
    expect(await of({})).not.toContain(id);
    expect(await of({ getAssetsOfTeam: true }, token)).toEqual([BUILT_IN_WORKER_ID]);
  });

  test('say what they are doing', async () => {
    const { id: workerId } = await register('states');
    for (const state of ['IDLE', 'BUSY', 'CRASHED', 'OFFLINE'] as const) {
      clock.now += 1;
      await world.call('update_docker_worker_registry_entry_by_id', {
        path: { workerId },
        body: { state, dockerVersion: '3.1.0' },
      });
      expect(
        await world.call('get_docker_worker_registry_entry_by_id', { path: { workerId } }),
      ).toMatchObject({
        state,
        dockerVersion: '3.1.0',
        lastModifiedAt: clock.now,
      });
    }
  });

  test('are gone once deleted', async () => {
    const { id: workerId } = await register('gone');
    await world.call('delete_docker_worker_registry_entry_by_id', { path: { workerId } });
    for (const id of [
      'get_docker_worker_registry_entry_by_id',
      'delete_docker_worker_registry_entry_by_id',
      'get_docker_runs_scheduled_by_worker_id',
    ] as const) {
      expect(await world.refused(id, { path: { workerId } })).toMatchObject({
        status: 404,
        error: { code: 'DOCKER_WORKER_UNKNOWN' },
      });
    }
  });

  test('of others, and the built-in one, can not be changed', async () => {
    const { id } = await register('mine');
    const { token } = await member();
    const body = { state: 'IDLE' };
    const foreign = { path: { workerId: id }, token };
    expect(
      await world.refused('update_docker_worker_registry_entry_by_id', { ...foreign, body }),
    ).toMatchObject({
      status: 403,
    });
    expect((await world.refused('get_docker_worker_registry_entry_by_id', foreign)).status).toBe(403);
    expect((await world.refused('delete_docker_worker_registry_entry_by_id', foreign)).status).toBe(403);
    const builtIn = { path: { workerId: BUILT_IN_WORKER_ID } };
    expect(
      (await world.refused('update_docker_worker_registry_entry_by_id', { ...builtIn, body })).status,
    ).toBe(403);
    expect((await world.refused('delete_docker_worker_registry_entry_by_id', builtIn)).status).toBe(403);
  });

  test('are registered for others by administrators only', async () => {
    const { user, token } = await member();
    const body = { name: 'for another', workerType: 'FULL' } as const;
    const { id } = await world.call('register_docker_worker', { query: { forUserId: user.id }, body });
    expect(
      (await world.call('get_docker_worker_registry_entries', { token })).map((worker) => worker.id),
    ).toContain(id);
    const other = await member();
    const call = { query: { forUserId: user.id }, body, token: other.token };
    expect((await world.refused('register_docker_worker', call)).status).toBe(403);
    expect(
      await world.refused('register_docker_worker', { query: { forUserId: newId() }, body }),
    ).toMatchObject({
      status: 404,
      error: { code: 'USER_NOT_KNOWN' },
    });
  });

  test('with more labels or longer names than can be kept are refused', async () => {
    const labels = Array.from({ length: 101 }, (_, index) => `label ${index}`);
    for (const body of [
      { name: 'labels', workerType: 'FULL', labels },
      { name: 'n'.repeat(256), workerType: 'FULL' },
      { name: 'label', workerType: 'FULL', labels: ['x'.repeat(256)] },
    ]) {
      expect((await world.refused('register_docker_worker', { body })).status).toBe(400);
    }
  });
});

test.each(['x', 'A'.repeat(24), 'a'.repeat(25), 'a'.repeat(2_000), '../..', '\0'])(
  'an id that is none is of nothing: %j',
  async (workerId) => {
    expect(
      await world.refused('get_docker_worker_registry_entry_by_id', { path: { workerId } }),
    ).toMatchObject({
      status: 404,
      error: { code: 'DOCKER_WORKER_UNKNOWN' },
    });
  },
);

describe('what workers ask of a vendor', () => {
  test('the licence is valid, and for long', async () => {
    const licence = await world.call('get_docker_license_information', {});
    expect(licence.licenseIsValid).toBe(true);
    expect(licence.licenseExpirationDate).toBeGreaterThan(clock.now + 10 * 365 * 24 * 3_600_000);
  });

  test('every task is authorized', async () => {
    const taskDescription = {
      ...{ embeddingsFilename: 'e.csv', embeddingsHash: 'h', method: 'CORESET' as const },
      ...{ existingSelectionColumnName: 'a', activeLearningScoresColumnName: 'b', maskedOutColumnName: 'c' },
      ...{ samplingConfig: {}, nData: 3 },
    };
    const { bodyString, bodyHmac } = await world.call('post_docker_authorization_request', {
      body: { timestamp: 1, taskDescription },
    });
    expect(JSON.parse(bodyString)).toMatchObject({ timestamp: 1, taskDescription });
    expect(bodyHmac).toMatch(/^[a-f0-9]{64}$/);
    const text = await world.call('post_docker_worker_authorization_request', {
      body: { hashedTaskDescription: 'abc' },
    });
    expect(text).toMatch(/^[a-f0-9]{64}$/);
  });

  test('usage statistics are taken and kept nowhere', async () => {
    const body = {
      ...{ runId: 'r', action: 'start', data: { a: 1 }, timestamp: 1, pipVersion: '1', dockerVersion: '2' },
    };
    expect(await world.call('post_docker_usage_stats', { body })).toBeUndefined();
  });
});
