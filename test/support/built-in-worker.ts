import type { RegisteredRawSample } from '#contracts/items';
import type { CompletionMessage, RunMessage, ShardMessage } from '#contracts/messages';
import { thumbnailJpeg } from '#imaging/thumbnail-jpeg';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import { givenSources } from '../../functions/run/given-sources.ts';
import type { RunDeps } from '../../functions/run/run-deps.ts';
import { runStores } from '../../functions/run/stores.ts';
import type { ApiWorld } from './api-world.ts';
import { someFacts, someRawSample } from './documents.ts';
import { recordedQueue } from './recorded-queue.ts';
import { recordedTelemetry } from './recorded-telemetry.ts';
import { modelsIn } from './registered-models.ts';

/** The `run` stage over the table and buckets of an API: what it takes from its queue is what the API has sent. */
export function builtInWorkerOf({ table, storage, deps }: ApiWorld) {
  const completions = recordedQueue<CompletionMessage>();
  const next = recordedQueue<RunMessage>();
  const stores = runStores(table, deps.objects, storage.bucket);
  const runDeps: RunDeps = {
    ...stores,
    ...givenSources(
      { ...stores, table, objects: deps.objects, platformBucket: storage.bucket },
      { s3: storage.s3Config },
    ),
    objects: deps.objects,
    jpegOf: thumbnailJpeg,
    models: modelsIn(storage.bucket, deps.objects),
    runQueue: next,
    shardQueue: recordedQueue<ShardMessage>(),
    completionQueue: completions,
    telemetry: recordedTelemetry(),
    platformBucket: storage.bucket,
    leaseSeconds: 45,
    maxAttempts: 30,
    mostCandidates: 1_000_000,
    pause: async () => undefined,
    now: deps.now,
    load: () => ({ cpu: 50, mem: 25 }),
    repeat: () => () => undefined,
  };
  const deliver = (
    message: RunMessage,
    { beforePlanIsRecorded }: { readonly beforePlanIsRecorded?: () => Promise<void> } = {},
  ): Promise<void> => {
    const recordPlan: RunDeps['runs']['recordPlan'] = async (runId, planKey) => {
      await beforePlanIsRecorded?.();
      return runDeps.runs.recordPlan(runId, planKey);
    };
    return carryOutRun(message, { ...runDeps, runs: { ...runDeps.runs, recordPlan } });
  };
  return { deliver, completions, next };
}

let events = 0;
/** Registers an image in a dataset, as ingest does. */
export async function registerImage(
  { deps }: ApiWorld,
  datasetId: string,
  fileName: string,
  fields: Partial<RegisteredRawSample> = {},
): Promise<void> {
  events += 1;
  const sequencer = events.toString(16).padStart(32, '0');
  const { bucket = '', prefix = '' } = (await deps.datasets.get(datasetId))?.landingFolder ?? {};
  const place = { bucket, key: prefix + fileName };
  const facts = someFacts(events);
  const image = someRawSample({ datasetId, fileName, registeredAt: deps.now(), facts, ...place });
  await deps.rawSamples.write({ ...image, sequencer, ...fields }, { by: 'sequencer', sequencer });
}
