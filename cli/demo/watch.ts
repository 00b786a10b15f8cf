import { setTimeout as sleep } from 'node:timers/promises';
import { WinnowError } from '#contracts/errors';
import type { Dataset, Run } from '#contracts/items';
import { isRunEnded } from '#contracts/run-states';
import type { LocalCloud } from '../../local/local-cloud.ts';
import type { PipelineClient } from '../../local/pipeline-client.ts';
import { startProgress } from './progress.ts';

const POLL_MS = 200;

/** Waits until `look` finds something; fails when the pipeline has come to rest without it. */
async function until<T>(cloud: LocalCloud, what: string, look: () => Promise<T | undefined>): Promise<T> {
  let atRest = false;
  cloud.idle().then(() => {
    atRest = true;
  });
  for (;;) {
    // Read before looking: what came to rest just now may have left what is looked for.
    const wasAtRest = atRest;
    const found = await look();
    if (found !== undefined) return found;
    if (wasAtRest) throw new WinnowError('DEMO_FAILED', `The pipeline came to rest without ${what}.`);
    await sleep(POLL_MS);
  }
}

/** Until every uploaded file has been registered or rejected. */
export async function watchIngest(
  cloud: LocalCloud,
  client: PipelineClient,
  dataset: Dataset,
  total: number,
) {
  const progress = startProgress('ingest', total);
  await until(cloud, 'registering all images', async () => {
    const seen = await client.rawSamples.countPending(dataset.id, total);
    progress.update(seen);
    return seen >= total ? true : undefined;
  });
  progress.finish(`${total} registered`);
}

export async function watchSchedule(
  cloud: LocalCloud,
  client: PipelineClient,
  dataset: Dataset,
): Promise<Run> {
  return until(cloud, 'a run', async () => {
    for await (const run of client.runs.list(dataset.id)) return run;
    return undefined;
  });
}

/** Until the run has ended. @throws WinnowError where it did not complete. */
export async function watchRun(cloud: LocalCloud, client: PipelineClient, runId: string): Promise<Run> {
  const run = await until(cloud, 'completing the run', async () => {
    const current = await client.runs.get(runId);
    return current && isRunEnded(current.state) ? current : undefined;
  });
  if (run.state === 'COMPLETED') return run;
  throw new WinnowError('DEMO_FAILED', `The run ended as ${run.state}: ${run.messages.at(-1)?.message}`);
}

/** Until all exports of the run and its archive are there. Returns the run with its archive. */
export async function watchDelivery(
  cloud: LocalCloud,
  client: PipelineClient,
  runId: string,
  manifestKey: string,
): Promise<Run & { archive: NonNullable<Run['archive']> }> {
  return until(cloud, 'exports and archive', async () => {
    const run = await client.runs.get(runId);
    const manifest = await client.objects.head({ bucket: client.buckets.exports, key: manifestKey });
    const exportsDone = manifest !== undefined || run?.tagName === undefined;
    return run?.archive && exportsDone ? { ...run, archive: run.archive } : undefined;
  });
}
