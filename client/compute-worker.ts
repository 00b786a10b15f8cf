import { ApiError } from './errors.ts';
import { collected, paginate } from './paging.ts';
import type {
  DockerRunData,
  DockerRunLogEntryData,
  DockerRunScheduledData,
  DockerRunScheduledPriority,
  DockerRunScheduledState,
  DockerWorkerRegistryEntryData,
  TagData,
} from './protocol.ts';
import { ComputeWorkerRunInfo } from './run-info.ts';
import { currentDatasetId, type Session } from './session.ts';
import { type Abortable, anySignal } from './transport.ts';
import { type ComputeWorkerConfig, wireConfigOf } from './worker-config.ts';

export interface WorkerRegistration extends Abortable {
  /** @default 'Default' */
  readonly name?: string | undefined;
  /** What the worker is good for; runs may ask for it. @default none */
  readonly labels?: readonly string[] | undefined;
}

export interface RunSchedule extends ComputeWorkerConfig, Abortable {
  /** @default 'MID' */
  readonly priority?: DockerRunScheduledPriority | undefined;
  /** Labels that a worker must have to do the run. @default none */
  readonly runsOn?: readonly string[] | undefined;
}

export interface RunsOf extends Abortable {
  /** @default all datasets */
  readonly datasetId?: string | undefined;
}

/** Between two looks at a run, in milliseconds. */
const POLL_INTERVAL = 30_000;

/** Workers, and what they are asked to do. */
export class ComputeWorker {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Registers a worker, or finds the one that has the name already. Returns its id. */
  async registerComputeWorker({
    name = 'Default',
    labels = [],
    signal,
  }: WorkerRegistration = {}): Promise<string> {
    const { call, settings } = this.#session;
    const workerType = 'FULL' as const;
    const body = { name, workerType, labels: [...labels], creator: settings.creator };
    return (await call('register_docker_worker', { body }, { signal })).id;
  }

  async getComputeWorkerIds(options: Abortable = {}): Promise<string[]> {
    return (await this.getComputeWorkers(options)).map(({ id }) => id);
  }

  async getComputeWorkers({ signal }: Abortable = {}): Promise<DockerWorkerRegistryEntryData[]> {
    return this.#session.call('get_docker_worker_registry_entries', {}, { signal });
  }

  async deleteComputeWorker(workerId: string, { signal }: Abortable = {}): Promise<void> {
    await this.#session.call('delete_docker_worker_registry_entry_by_id', { path: { workerId } }, { signal });
  }

  /**
   * Keeps a config for later runs. Returns its id.
   * @throws InvalidConfigurationError that names an option which does not exist, and the one that may be meant
   */
  async createComputeWorkerConfig({
    signal,
    ...config
  }: ComputeWorkerConfig & Abortable = {}): Promise<string> {
    const { call, settings } = this.#session;
    const body = { version: 'V4', config: wireConfigOf(config), creator: settings.creator } as const;
    return (await call('create_docker_worker_config_vx', { body }, { signal })).id;
  }

  /**
   * Schedules a run on the dataset in use. Returns the id of the scheduled run.
   * @throws InvalidConfigurationError that names an option which does not exist, and the one that may be meant
   */
  async scheduleComputeWorkerRun(schedule: RunSchedule = {}): Promise<string> {
    const { priority = 'MID', runsOn = [], signal, ...config } = schedule;
    const { call, settings } = this.#session;
    const configId = await this.createComputeWorkerConfig({ ...config, signal });
    const path = { datasetId: await currentDatasetId(this.#session, { signal }) };
    const body = { configId, priority, runsOn: [...runsOn], creator: settings.creator };
    return (await call('create_docker_run_scheduled_by_dataset_id', { path, body }, { signal })).id;
  }

  async *getComputeWorkerRunsIter({ datasetId, signal }: RunsOf = {}): AsyncGenerator<DockerRunData, void> {
    const { call } = this.#session;
    const how = { signal, repeated: true };
    yield* paginate((query) =>
      datasetId === undefined
        ? call('get_docker_runs', { query }, how)
        : call('get_docker_runs_query_by_dataset_id', { path: { datasetId }, query }, how),
    );
  }

  /** All runs, the oldest first. */
  async getComputeWorkerRuns(options: RunsOf = {}): Promise<DockerRunData[]> {
    const runs = await collected(this.getComputeWorkerRunsIter(options));
    return runs.sort((one, other) => one.createdAt - other.createdAt);
  }

  async getComputeWorkerRun(runId: string, { signal }: Abortable = {}): Promise<DockerRunData> {
    return this.#session.call('get_docker_run_by_id', { path: { runId } }, { signal });
  }

  /** @throws ApiError with status 404 while no worker has begun with it */
  async getComputeWorkerRunFromScheduledRun(
    scheduledRunId: string,
    { signal }: Abortable = {},
  ): Promise<DockerRunData> {
    return this.#session.call(
      'get_docker_run_by_scheduled_id',
      { path: { scheduledId: scheduledRunId } },
      { signal },
    );
  }

  /** Scheduled runs of the dataset in use; those that are done or canceled only where their state is asked for. */
  async getScheduledComputeWorkerRuns({
    state,
    signal,
  }: { readonly state?: DockerRunScheduledState | undefined } & Abortable = {}): Promise<
    DockerRunScheduledData[]
  > {
    const path = { datasetId: await currentDatasetId(this.#session, { signal }) };
    const request = { path, query: { state } };
    return this.#session.call('get_docker_runs_scheduled_by_dataset_id', request, { signal, repeated: true });
  }

  /** Cancels a scheduled run that no worker has begun with. */
  async cancelScheduledComputeWorkerRun(scheduledRunId: string, { signal }: Abortable = {}): Promise<void> {
    const datasetId = await currentDatasetId(this.#session, { signal });
    const path = { datasetId, scheduledId: scheduledRunId };
    await this.#session.call('cancel_scheduled_docker_run_state_by_id', { path }, { signal });
  }

  /** Where a scheduled run of the dataset in use stands. */
  async getComputeWorkerRunInfo(
    scheduledRunId: string,
    options: Abortable = {},
  ): Promise<ComputeWorkerRunInfo> {
    try {
      const run = await this.getComputeWorkerRunFromScheduledRun(scheduledRunId, options);
      return new ComputeWorkerRunInfo(run.state, run.message ?? '');
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    }
    const scheduled = await this.getScheduledComputeWorkerRuns(options);
    return scheduled.some(({ id }) => id === scheduledRunId)
      ? ComputeWorkerRunInfo.waiting()
      : ComputeWorkerRunInfo.missing(scheduledRunId);
  }

  /**
   * Watches a scheduled run until it ends; yields each change.
   * @param options `pollInterval`: time between two looks in milliseconds; 30000 unless given
   */
  async *computeWorkerRunInfoGenerator(
    scheduledRunId: string,
    { pollInterval = POLL_INTERVAL, signal }: { readonly pollInterval?: number | undefined } & Abortable = {},
  ): AsyncGenerator<ComputeWorkerRunInfo, void> {
    const { settings } = this.#session;
    const ending = anySignal(signal, settings.signal);
    let last: ComputeWorkerRunInfo | undefined;
    for (;;) {
      const info = await this.getComputeWorkerRunInfo(scheduledRunId, { signal });
      if (info.state !== last?.state || info.message !== last.message) yield info;
      if (info.inEndState()) return;
      await settings.sleep(pollInterval, ending);
      last = info;
    }
  }

  /** What a run has logged so far. */
  async *getComputeWorkerRunLogsIter(
    runId: string,
    { signal }: Abortable = {},
  ): AsyncGenerator<DockerRunLogEntryData, void> {
    for (let cursor = 0; ; ) {
      const request = { path: { runId }, query: { cursor } };
      const page = await this.#session.call('get_docker_run_logs_by_id', request, { signal, repeated: true });
      yield* page.logs;
      if (page.logs.length === 0 || page.cursor === undefined || page.cursor <= cursor) return;
      cursor = page.cursor;
    }
  }

  /** Tags of the dataset in use that a run has made, the newest first. */
  async getComputeWorkerRunTags(runId: string, { signal }: Abortable = {}): Promise<TagData[]> {
    const tags = await this.#session.call('get_docker_run_tags', { path: { runId } }, { signal });
    const datasetId = await currentDatasetId(this.#session, { signal });
    return tags.filter((tag) => tag.datasetId === datasetId);
  }
}
