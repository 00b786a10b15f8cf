import { TEAM_ID } from '#contracts/access';
import type { ApiWorld } from './api-world.ts';
import { newId } from './documents.ts';

/** Ids by the name of the parameter that a path of the protocol has for them. */
export type Ids = Readonly<Record<string, string>>;
type Member = Awaited<ReturnType<ApiWorld['addUser']>>;

/** Makes one of each kind of thing that a member can have. */
export async function resourcesOf(world: ApiWorld, { user, token }: Member, name: string): Promise<Ids> {
  const { id: datasetId } = await world.call('create_dataset', { body: { name }, token });
  const path = { datasetId };
  const body = { fileName: 'a.jpg' };
  const { id: sampleId } = await world.call('create_sample_by_dataset_id', { path, body, token });
  const { id: tagId } = await world.call('create_initial_tag_by_dataset_id', {
    ...{ path, token, body: { imgType: 'full' as const, name: 'initial-tag' } },
  });
  const { embeddingId } = await world.call('get_embeddings_csv_write_url_by_id', {
    ...{ path, token, query: { name } },
  });
  const { id: accessConfigId } = await world.call('create_or_update_shared_access_config_by_dataset_id', {
    ...{ path, token, body: { accessType: 'WRITE' as const, users: ['friend@example.com'] } },
  });
  const { id: configurationId } = await world.call('create_meta_data_configuration', {
    ...{ path, token, body: { name, configs: [] } },
  });
  const job = {
    id: newId(),
    kind: 'DELETE_DATASET' as const,
    datasetId,
    userId: user.id,
    state: 'WAITING' as const,
  };
  await world.deps.jobs.create({ ...job, request: {}, createdAt: 1, lastModifiedAt: 1 });
  const made = { datasetId, sampleId, tagId, embeddingId, accessConfigId, configurationId, jobId: job.id };
  return { ...made, ...(await workOf(world, path, token, name)), teamId: TEAM_ID, userId: user.id };
}

async function workOf(
  world: ApiWorld,
  path: { datasetId: string },
  token: string,
  name: string,
): Promise<Ids> {
  const { id: workerId } = await world.call('register_docker_worker', {
    ...{ token, body: { name: `worker ${name}`, workerType: 'FULL' as const } },
  });
  const selection = {
    nSamples: 1,
    strategies: [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }],
  };
  const { id: configId } = await world.call('create_docker_worker_config_vx', {
    ...{ token, body: { version: 'V4', config: { workerType: 'FULL', selection } } as never },
  });
  const { id: scheduledId } = await world.call('create_docker_run_scheduled_by_dataset_id', {
    ...{ path, token, body: { configId, priority: 'MID' as const, runsOn: [] } },
  });
  const { id: runId } = await world.call('create_docker_run', {
    ...{ token, body: { dockerVersion: '3.0.0', datasetId: path.datasetId } },
  });
  return { workerId, configId, scheduledId, runId };
}
