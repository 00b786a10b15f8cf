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

describe('worker configs', () => {
  const strategy = { type: 'DIVERSITY', stopping_condition_minimum_distance: 0.2, strength: 2 } as const;
  const v4 = {
    workerType: 'FULL',
    docker: { useDatapool: true, cacheSize: -1, corruptnessCheck: { corruptionThreshold: 0.2 } },
    lightly: { seed: 3, trainer: { gpus: 0, precision: 16 } },
    selection: { nSamples: 3, strategies: [{ input: { type: 'EMBEDDINGS' }, strategy }], autoTasks: [] },
  } as const;

  test('of version V4 come back as they were given, and to older clients as far as they know the words', async () => {
    const body = { version: 'V4', creator: 'USER_PIP', config: v4 };
    const { id } = await world.call('create_docker_worker_config_vx', { body: body as never });
    const path = { configId: id };
    expect(await world.call('get_docker_worker_config_vxby_id', { path })).toEqual({
      ...{ id, version: 'V4', createdAt: clock.now, config: v4, configOrig: v4 },
    });
    const v3 = await world.call('get_docker_worker_config_v3_by_id', { path });
    expect(v3.config.docker).toEqual({ corruptnessCheck: { corruptionThreshold: 0.2 } });
    const v2 = await world.call('get_docker_worker_config_v2_by_id', { path });
    const { strength: _, ...withoutStrength } = strategy;
    expect(v2.config.selection).toEqual({
      nSamples: 3,
      strategies: [{ input: { type: 'EMBEDDINGS' }, strategy: withoutStrength }],
    });
    const v0 = await world.call('get_docker_worker_config_by_id', { path });
    expect(v0.config.docker).toEqual(v4.docker);
  });

  test('leave a selection out that an older version has no words for', async () => {
    const typical = { input: { type: 'EMBEDDINGS' }, strategy: { type: 'TYPICALITY' } };
    const config = { workerType: 'FULL', selection: { nSamples: 1, strategies: [typical] } };
    const { id } = await world.call('create_docker_worker_config_v3', { body: { config } as never });
    const v2 = await world.call('get_docker_worker_config_v2_by_id', { path: { configId: id } });
    expect(v2.config).toEqual({ workerType: 'FULL' });
  });

  test('of V0 and V2 are created and read', async () => {
    const config = { workerType: 'FULL' as const, docker: { method: 'coreset' as const } };
    const { id: v0 } = await world.call('create_docker_worker_config', { body: { config } });
    const { id: v2 } = await world.call('create_docker_worker_config_v2', { body: { config } });
    expect(await world.call('get_docker_worker_config_by_id', { path: { configId: v0 } })).toMatchObject({
      config,
    });
    expect(await world.call('get_docker_worker_config_vxby_id', { path: { configId: v2 } })).toMatchObject({
      version: 'V2',
      config,
    });
  });

  test('are listed by their owner, newest first', async () => {
    const { token } = await member();
    const config = { workerType: 'FULL' as const };
    const { id: first } = await world.call('create_docker_worker_config', { body: { config }, token });
    clock.now += 1;
    const { id: second } = await world.call('create_docker_worker_config_v2', { body: { config }, token });
    const listed = await world.call('get_docker_worker_configs', { token });
    expect(listed.map(({ id, version }) => [id, version])).toEqual([
      [second, 'V0'],
      [first, 'V0'],
    ]);
  });

  test('change until a run is scheduled with them', async () => {
    const first = { workerType: 'FULL' as const, docker: { first: true } };
    const second = { workerType: 'FULL' as const, docker: { second: true } };
    const { id: configId } = await world.call('create_docker_worker_config', { body: { config: first } });
    const path = { configId };
    await world.call('update_docker_worker_config_by_id', { path, body: { config: second } });
    expect(await world.call('get_docker_worker_config_by_id', { path })).toMatchObject({
      config: second,
      configOrig: first,
    });
    const { id: datasetId } = await world.call('create_dataset', { body: { name: 'config in use' } });
    await world.call('create_docker_run_scheduled_by_dataset_id', {
      path: { datasetId },
      body: { configId, priority: 'MID' },
    });
    expect(
      await world.refused('update_docker_worker_config_by_id', { path, body: { config: first } }),
    ).toMatchObject({ status: 409, error: { code: 'DOCKER_WORKER_CONFIG_IN_USE' } });
    // The answer to the change above may have been lost.
    await world.call('update_docker_worker_config_by_id', { path, body: { config: second } });
  });

  test('of others are refused, and unknown ones not found', async () => {
    const { id } = await world.call('create_docker_worker_config', {
      body: { config: { workerType: 'FULL' } },
    });
    const { token } = await member();
    const body = { config: { workerType: 'FULL' } };
    for (const operation of [
      'get_docker_worker_config_by_id',
      'get_docker_worker_config_v2_by_id',
      'get_docker_worker_config_v3_by_id',
      'get_docker_worker_config_vxby_id',
      'update_docker_worker_config_by_id',
    ] as const) {
      expect((await world.refused(operation, { path: { configId: id }, body, token })).status).toBe(403);
      expect(await world.refused(operation, { path: { configId: newId() }, body })).toMatchObject({
        status: 404,
        error: { code: 'DOCKER_WORKER_CONFIG_UNKNOWN' },
      });
    }
  });

  test('that are too large or too deep to be kept are refused; numbers of any size are kept', async () => {
    const create = (docker: unknown) => ({ body: { config: { workerType: 'FULL', docker } } });
    const large = create({ text: 'x'.repeat(200_000) });
    expect(await world.refused('create_docker_worker_config', large)).toMatchObject({ status: 413 });
    let deep: object = {};
    for (let level = 0; level < 2_000; level++) deep = { deep };
    expect((await world.refused('create_docker_worker_config', create(deep))).status).toBe(400);
    const docker = { huge: 1e300, long: 2 ** 60 };
    const { id } = await world.call('create_docker_worker_config', create(docker) as never);
    const { config } = await world.call('get_docker_worker_config_by_id', { path: { configId: id } });
    expect(config.docker).toEqual(docker);
  });

  test('with a misspelt option are refused with its path', async () => {
    const config = { workerType: 'FULL', docker: { useDataPool: true } };
    const { status, error } = await world.refused('create_docker_worker_config_vx', {
      body: { version: 'V4', config },
    });
    expect(status).toBe(400);
    expect(error.error).toContain('useDataPool');
  });
});

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
