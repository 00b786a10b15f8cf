import { setTimeout as sleep } from 'node:timers/promises';
import { WinnowError } from '#contracts/errors';
import type { Dataset, Run } from '#contracts/items';
import { isRunEnded } from '#contracts/run-states';
import type { LocalCloud } from '../../local/local-cloud.ts';
import type { PipelineClient } from '../../local/pipeline-client.ts';
import { withProgress } from './progress.ts';

const POLL_MS = 200;

/** A pipeline at work; `signal` ends the watching. */
export interface Watched {
  readonly cloud: LocalCloud;
  readonly client: PipelineClient;
  readonly signal: AbortSignal;
}

/** Waits until `look` finds something; fails when the pipeline has come to rest without it. */
async function until<T>(
  { cloud, signal }: Watched,
  what: string,
  look: () => Promise<T | undefined>,
): Promise<T> {
  let atRest = false;
  cloud.idle().then(() => {
    atRest = true;
  });
  for (;;) {
    signal.throwIfAborted();
    // Read before looking: what came to rest just now may have left what is looked for.
    const wasAtRest = atRest;
    const found = await look();
    if (found !== undefined) return found;
    if (wasAtRest) throw new WinnowError('DEMO_FAILED', `The pipeline came to rest without ${what}.`);
    await sleep(POLL_MS);
  }
}

/** Until every uploaded file has been registered or rejected. */
export async function watchIngest(watched: Watched, dataset: Dataset, total: number): Promise<void> {
  await withProgress('ingest', total, async (update) => {
    await until(watched, 'registering all images', async () => {
      const seen = await watched.client.rawSamples.countPending(dataset.id, total);
      update(seen);
      return seen >= total ? true : undefined;
    });
    return `${total} registered`;
  });
}

export async function watchSchedule(watched: Watched, dataset: Dataset): Promise<Run> {
  return until(watched, 'a run', async () => {
    for await (const run of watched.client.runs.list(dataset.id)) return run;
    return undefined;
  });
}

/** Until the run has ended. @throws WinnowError where it did not complete. */
export async function watchRun(watched: Watched, runId: string): Promise<Run> {
  const run = await until(watched, 'completing the run', async () => {
    const current = await watched.client.runs.get(runId);
    return current && isRunEnded(current.state) ? current : undefined;
  });
  if (run.state === 'COMPLETED') return run;
  throw new WinnowError('DEMO_FAILED', `The run ended as ${run.state}: ${run.messages.at(-1)?.message}`);
}

/** Until all exports of the run and its archive are there. Returns the run with its archive. */
export async function watchDelivery(
  watched: Watched,
  runId: string,
  manifestKey: string,
): Promise<Run & { archive: NonNullable<Run['archive']> }> {
  const { client } = watched;
  return until(watched, 'exports and archive', async () => {
    const run = await client.runs.get(runId);
    const manifest = await client.objects.head({ bucket: client.buckets.exports, key: manifestKey });
    const exportsDone = manifest !== undefined || run?.tagName === undefined;
    return run?.archive && exportsDone ? { ...run, archive: run.archive } : undefined;
  });
}
