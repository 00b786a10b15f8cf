import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { newId } from '../support/documents.ts';

const clock = { now: Date.now() };
let world: ApiWorld;
beforeAll(async () => {
  world = await startApiWorld({ now: () => clock.now });
});
afterAll(() => world.stop());

let members = 0;
const member = () => world.addUser(`configs-${++members}@example.com`);

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
