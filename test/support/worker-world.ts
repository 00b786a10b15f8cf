import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { RetryableError } from '#contracts/errors';
import type { RunDecision } from '#contracts/run-plan';
import { analysed } from './analysed-images.ts';
import { type RunOrder, runsClientOf } from './api-runs.ts';
import { builtInWorkerOf } from './built-in-worker.ts';
import { type Running, startCliWorld } from './cli-world.ts';
import { someFacts, someRawSample } from './documents.ts';
import { photo } from './photos.ts';

/** `winnow worker` as a process, the API that it talks to, and the built-in worker beside it. */
export async function startWorkerWorld() {
  /** Signs of life are only too old where a test moves the clock. */
  const clock = { ahead: 0 };
  const cli = await startCliWorld({ now: () => Date.now() + clock.ahead });
  const client = runsClientOf(cli.world);
  return { cli, client, builtIn: builtInWorkerOf(cli.world), deps: cli.world.deps, clock };
}
export type WorkerWorld = Awaited<ReturnType<typeof startWorkerWorld>>;

let events = 0;
/** Newer than all before. */
const nextSequencer = (): string => (++events).toString(16).padStart(32, '0');

/** The same images in each dataset that is made so. */
export async function datasetWithImages({ client, deps }: WorkerWorld): Promise<string> {
  const datasetId = await client.newDataset();
  for (let content = 1; content <= 12; content++) {
    const sequencer = nextSequencer();
    // Two are the same picture.
    const facts = someFacts(Math.min(content, 11));
    const fileName = `${content}.jpg`;
    const image = someRawSample({ datasetId, fileName, registeredAt: Date.now(), facts });
    await deps.rawSamples.write({ ...image, sequencer }, { by: 'sequencer', sequencer });
  }
  return datasetId;
}

/** Images that are really there. */
export async function datasetWithPhotos({ client, deps }: WorkerWorld): Promise<string> {
  const datasetId = await client.newDataset();
  for (const scene of [1, 2, 3]) {
    const sequencer = nextSequencer();
    const bytes = await photo(scene);
    const { facts } = await analysed(bytes);
    const fileName = `${scene}.jpg`;
    const place = { bucket: deps.buckets.landing, key: `${datasetId}/${fileName}` };
    await deps.objects.put(place, bytes, { contentType: 'image/jpeg' });
    const eTag = (await deps.objects.head(place))?.eTag ?? '';
    const image = someRawSample({ datasetId, fileName, registeredAt: Date.now(), facts, ...place, eTag });
    await deps.rawSamples.write({ ...image, sequencer }, { by: 'sequencer', sequencer });
  }
  return datasetId;
}

export async function addBroken({ deps }: WorkerWorld, datasetId: string, fileName: string): Promise<void> {
  const sequencer = nextSequencer();
  const { facts: _, thumbName: __, ...base } = someRawSample({ datasetId, fileName });
  const rejection = { code: 'CORRUPT', reason: 'no end' } as const;
  const broken = { ...base, registeredAt: Date.now(), sequencer, state: 'rejected', rejection } as const;
  await deps.rawSamples.write(broken, { by: 'sequencer', sequencer });
}

/** Reports are the built-in worker's, and take seconds. */
export const WITHOUT_REPORT = { uploadReport: false };
export const FIVE = {
  docker: WITHOUT_REPORT,
  selection: {
    nSamples: 5,
    strategies: [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }],
  },
};

/** Schedules a run of five images by diversity, unless told otherwise; returns the scheduled run's id. */
export const schedule = ({ client }: WorkerWorld, datasetId: string, order: RunOrder = {}): Promise<string> =>
  client.schedule(datasetId, { config: FIVE, ...order });

/** Starts a worker with a name of its own. */
export const startWorker = ({ cli }: WorkerWorld, ...parameters: string[]): Running =>
  cli.start(['worker', '--every', '1', '--name', `machine ${++events}`, ...parameters]);

/** Delivers the message of a run until it says what is waited for, as the queue does. */
export async function carriedOut(
  { client, builtIn }: WorkerWorld,
  { datasetId, scheduledId }: { readonly datasetId: string; readonly scheduledId: string },
  until = /COMPLETED|FAILED/,
): Promise<string> {
  for (let tries = 0; tries < 300; tries++) {
    await builtIn.deliver({ datasetId, scheduledId }).catch((error) => {
      if (!(error instanceof RetryableError)) throw error;
    });
    const state = await client.runOf(scheduledId).then(
      (run) => run.state,
      () => 'OPEN',
    );
    if (until.test(state)) return state;
    await wait(100);
  }
  throw new Error(`Run of ${scheduledId} never became ${until}`);
}

/** What the plan of a run says of each candidate, without what differs from dataset to dataset. */
export async function decisionsOf({ client, deps }: WorkerWorld, scheduledId: string): Promise<unknown[]> {
  const { id } = await client.runOf(scheduledId);
  const run = await deps.runs.get(id);
  const found = await deps.objects.open({ bucket: deps.buckets.platform, key: run?.planKey ?? '' });
  if (!found) throw new Error('The run has no plan.');
  const [, ...lines] = gunzipSync(await buffer(found.body))
    .toString()
    .trimEnd()
    .split('\n');
  return lines.map((line) => {
    const { registeredAt: _, sample, group, ...decision } = JSON.parse(line) as RunDecision;
    // Groups have ids of their own in each dataset.
    return {
      ...decision,
      group: group?.representative,
      sample: sample && { index: sample.index, facts: sample.facts },
    };
  });
}
