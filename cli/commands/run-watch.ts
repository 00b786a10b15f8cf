import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { type ApiWorkflowClient, ComputeWorkerRunInfo } from '../../client/index.ts';
import { type Api, apiCommand, withApi } from '../api-command.ts';
import { type DatasetRun, findRun } from '../dataset-runs.ts';
import { RunFailedError } from '../exit-codes.ts';
import { duration } from '../option-values.ts';
import { secondOf } from '../table-output.ts';

/** Seconds between two looks at a run. */
export const LOOK_EVERY = 5;

/** `winnow runs watch` */
export function addRunWatchCommand(runs: Command): void {
  apiCommand(runs, 'watch <dataset> [run]', 'print each state of a run until it has ended')
    .option('--every <time>', 'between two looks: 5s, 1m', duration, LOOK_EVERY)
    .action(withApi(watch));
}

async function watch(
  api: Api,
  nameOrId: string,
  id: string | undefined,
  { every }: { readonly every: number },
): Promise<void> {
  const { client, patient, dataset } = await api.dataset(nameOrId);
  await watchRun(api, patient, await findRun(client, dataset, id), every);
}

/**
 * Tells of each state until the run has ended.
 * @param every seconds between two looks
 * @throws RunFailedError where it did not complete
 */
export async function watchRun(
  { output, signal }: Pick<Api, 'output' | 'signal'>,
  client: ApiWorkflowClient,
  { scheduledRunId, runId }: DatasetRun,
  every: number,
): Promise<void> {
  const pollInterval = every * 1000;
  const states =
    scheduledRunId === undefined
      ? statesOf(String(runId), { client, pollInterval, signal })
      : client.computeWorkerRunInfoGenerator(scheduledRunId, { pollInterval });
  let last: ComputeWorkerRunInfo | undefined;
  for await (last of states) {
    const { state, message } = last;
    const time = Date.now();
    output.tell({ time, state, message }, `${secondOf(time)}  ${state}  ${message}`);
  }
  if (last?.state !== 'COMPLETED') throw new RunFailedError(`The run ended as ${last?.state}.`);
}

interface Watching {
  readonly client: ApiWorkflowClient;
  readonly pollInterval: number;
  readonly signal: AbortSignal;
}

/** Of a run that nobody has scheduled. */
async function* statesOf(
  runId: string,
  { client, pollInterval, signal }: Watching,
): AsyncGenerator<ComputeWorkerRunInfo, void> {
  for (let last: ComputeWorkerRunInfo | undefined; ; ) {
    const { state, message = '' } = await client.getComputeWorkerRun(runId);
    const info = new ComputeWorkerRunInfo(state, message);
    if (info.state !== last?.state || info.message !== last.message) yield info;
    if (info.inEndState()) return;
    await sleep(pollInterval, undefined, { signal }).catch(() => signal.throwIfAborted());
    last = info;
  }
}
