import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { WORKER_VERSION } from '#platform/runs/worker-version';
import { processLoad } from '#runtime/process-load';
import { planRun } from '#worker/plan-run';
import { type WorkerDeps, workOnce } from '#worker/worker-loop';
import { type Api, apiCommand, withApi } from '../api-command.ts';
import { commaSeparated, duration } from '../option-values.ts';
import { secondOf } from '../table-output.ts';
import { workerApi } from '../worker/worker-api.ts';

/** Seconds between two looks for runs. */
const LOOK_EVERY = 5;

interface WorkerOptions {
  readonly name: string;
  readonly labels: readonly string[];
  readonly once?: boolean;
  readonly every: number;
}

/** `winnow worker` */
export function addWorkerCommand(program: Command): void {
  apiCommand(program, 'worker', 'plan runs on this machine, for those that need more memory or time')
    .option('--server <url>', 'another name of --api-url')
    .option('--token <token>', 'the token itself; others on this machine can read it, unlike --token-file')
    .option('--name <name>', 'by which it is known; one process per name', `worker-${hostname()}`)
    .addOption(
      new Option('--labels <a,b>', 'what it offers: it takes runs that ask for nothing else')
        .argParser(commaSeparated)
        .default([], 'none'),
    )
    .option('--every <time>', 'between two looks for runs: 5s, 1m', duration, LOOK_EVERY)
    .option('--once', 'end after one run')
    .action(withApi(work));
}

async function work(api: Api, { name, labels, once = false, every }: WorkerOptions): Promise<void> {
  const { client, signal, output } = api;
  const workerId = await client.registerComputeWorker({ name, labels: [...labels] });
  const say = async (state: 'IDLE' | 'BUSY' | 'OFFLINE'): Promise<void> => {
    const body = { state, dockerVersion: WORKER_VERSION };
    await client.call('update_docker_worker_registry_entry_by_id', { path: { workerId }, body });
  };
  const note = (text: string): void => output.note(`${secondOf(Date.now())}  ${text}`);
  const deps: WorkerDeps = {
    ...{ api: workerApi(api, workerId), plan: planRun, signal, load: processLoad(), now: Date.now, note },
    repeat: (repeated, intervalMs) => {
      const timer = setInterval(repeated, intervalMs);
      return () => clearInterval(timer);
    },
  };
  await say('IDLE');
  const offers = labels.length === 0 ? 'no labels' : `labels ${labels.join(', ')}`;
  note(`Worker '${name}' (${workerId}) with ${offers} waits for runs of ${api.connection.apiUrl}.`);
  for (;;) {
    const done = await workOnce(deps);
    if (done && (once || done.shutdownWhenJobFinished)) break;
    if (done) continue;
    await wait(every * 1000, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
  await say('OFFLINE');
  output.show({ workerId, ended: true }, '');
}
