import type { ApiWorld } from './api-world.ts';

/** What tests of runs, workers and schedules begin with, as clients of the API do it. */

export const DIVERSE = [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }];
export const ONE_BY_DIVERSITY = { nSamples: 1, strategies: DIVERSE };

let made = 0;
/** A name that nothing else has. */
export const newName = (what: string): string => `${what} ${++made}`;

export interface RunOrder {
  /** Of a worker config V4; @default one sample by diversity */
  readonly config?: object;
  readonly runsOn?: string[];
  readonly priority?: 'LOW' | 'MID' | 'HIGH' | 'CRITICAL';
  /** @default the administrator's */
  readonly token?: string | undefined;
}
export type RunsClient = ReturnType<typeof runsClientOf>;

export function runsClientOf(world: ApiWorld) {
  const as = (token: string | undefined) => (token === undefined ? {} : { token });
  const newDataset = async (token?: string): Promise<string> =>
    (await world.call('create_dataset', { body: { name: newName('runs') }, ...as(token) })).id;

  const createConfig = async (config: object, token?: string): Promise<string> => {
    const body = { version: 'V4', config: { workerType: 'FULL', ...config } } as never;
    return (await world.call('create_docker_worker_config_vx', { body, ...as(token) })).id;
  };
  const schedule = async (
    datasetId: string,
    { config = { selection: ONE_BY_DIVERSITY }, runsOn, priority = 'MID', token }: RunOrder = {},
  ): Promise<string> => {
    const configId = await createConfig(config, token);
    const body = { configId, priority, ...(runsOn && { runsOn }) };
    const call = { path: { datasetId }, body, ...as(token) };
    return (await world.call('create_docker_run_scheduled_by_dataset_id', call)).id;
  };
  /** A worker that says that it is at work. */
  const startWorker = async (labels: string[] = [], token?: string): Promise<string> => {
    const body = { name: newName('worker'), workerType: 'FULL' as const, labels };
    const { id: workerId } = await world.call('register_docker_worker', { body, ...as(token) });
    const update = { path: { workerId }, body: { state: 'IDLE' as const }, ...as(token) };
    await world.call('update_docker_worker_registry_entry_by_id', update);
    return workerId;
  };
  /** Of a dataset in these states; ids and states, in the order of the answer. */
  const listed = async (
    datasetId: string,
    query: { state?: 'DONE'; states?: ('OPEN' | 'DONE' | 'CANCELED')[] } = {},
  ) =>
    (await world.call('get_docker_runs_scheduled_by_dataset_id', { path: { datasetId }, query })).map(
      ({ id, state }) => [id, state],
    );
  /** A dataset, one of its scheduled runs, locked by a worker, and the run that the worker has begun. */
  const externalRun = async (token?: string) => {
    const datasetId = await newDataset(token);
    const scheduledId = await schedule(datasetId, { token });
    const workerId = await startWorker([], token);
    const path = { datasetId, workerId, scheduledId };
    const locked = { path, body: { state: 'LOCKED' as const }, ...as(token) };
    await world.call('update_scheduled_docker_run_state_by_id', locked);
    const begin = {
      body: { dockerVersion: '3.0.0', datasetId, scheduledId, message: 'Hello' },
      ...as(token),
    };
    const { id: runId } = await world.call('create_docker_run', begin);
    return { ...path, runId, begin };
  };
  return {
    newDataset,
    createConfig,
    schedule,
    startWorker,
    listed,
    externalRun,
    member: () => world.addUser(`${newName('member').replace(' ', '-')}@example.com`),
    runOf: (scheduledId: string) => world.call('get_docker_run_by_scheduled_id', { path: { scheduledId } }),
  };
}
