import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RetryableError } from '#contracts/errors';
import type { RunDecision } from '#contracts/run-plan';
import { analysed } from '../support/analysed-images.ts';
import { type RunOrder, type RunsClient, runsClientOf } from '../support/api-runs.ts';
import { builtInWorkerOf } from '../support/built-in-worker.ts';
import { type CliWorld, type Running, startCliWorld } from '../support/cli-world.ts';
import { someFacts, someRawSample } from '../support/documents.ts';
import { photo } from '../support/photos.ts';
import { waitUntil } from '../support/program.ts';

let cli: CliWorld;
let client: RunsClient;
let builtIn: ReturnType<typeof builtInWorkerOf>;
/** Signs of life are only too old where a test moves the clock. */
const clock = { ahead: 0 };
beforeAll(async () => {
  cli = await startCliWorld({ now: () => Date.now() + clock.ahead });
  client = runsClientOf(cli.world);
  builtIn = builtInWorkerOf(cli.world);
});
afterAll(() => cli?.stop());

let events = 0;
/** The same images in each dataset that is made so. */
async function datasetWithImages(): Promise<string> {
  const datasetId = await client.newDataset();
  for (let content = 1; content <= 12; content++) {
    events += 1;
    const sequencer = events.toString(16).padStart(32, '0');
    // Two are the same picture.
    const facts = someFacts(Math.min(content, 11));
    const fileName = `${content}.jpg`;
    const image = someRawSample({ datasetId, fileName, registeredAt: Date.now(), facts });
    await cli.world.deps.rawSamples.write({ ...image, sequencer }, { by: 'sequencer', sequencer });
  }
  return datasetId;
}

/** Images that are really there. */
async function datasetWithPhotos(): Promise<string> {
  const { deps } = cli.world;
  const datasetId = await client.newDataset();
  for (const scene of [1, 2, 3]) {
    const sequencer = (++events).toString(16).padStart(32, '0');
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

/** Reports are the built-in worker's, and take seconds. */
const docker = { uploadReport: false };
const FIVE = {
  docker,
  selection: {
    nSamples: 5,
    strategies: [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }],
  },
};
const schedule = (datasetId: string, order: RunOrder = {}) =>
  client.schedule(datasetId, { config: FIVE, ...order });

const startWorker = (...parameters: string[]): Running =>
  cli.start(['worker', '--every', '1', '--name', `machine ${++events}`, ...parameters]);

/** Delivers the message of a run until it says what is waited for, as the queue does. */
async function carriedOut(datasetId: string, scheduledId: string, until: RegExp): Promise<string> {
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

async function decisionsOf(scheduledId: string): Promise<unknown[]> {
  const { deps } = cli.world;
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

/** Each test starts processes; ms. */
const PATIENCE = 90_000;

describe('winnow worker', () => {
  test(
    'decides bit for bit what the built-in worker decides, which carries it out',
    async () => {
      const [here, there] = [await datasetWithImages(), await datasetWithImages()];
      const ofBuiltIn = await schedule(here);
      expect(await carriedOut(here, ofBuiltIn, /COMPLETED|FAILED/)).toBe('COMPLETED');

      const worker = startWorker('--labels', 'gpu,large', '--once');
      await waitUntil(worker.program, () => worker.program.output().includes('waits for runs'));
      const ofWorker = await schedule(there, { runsOn: ['gpu'] });
      expect(await carriedOut(there, ofWorker, /COMPLETED|FAILED/)).toBe('COMPLETED');
      const { code, stderr } = await worker.ended;
      expect([code, stderr]).toEqual([0, expect.stringContaining('handed in. plan of 5 samples')]);

      const decisions = await decisionsOf(ofWorker);
      expect(decisions).toHaveLength(12);
      expect(decisions).toEqual(await decisionsOf(ofBuiltIn));
      const { id } = await client.runOf(ofWorker);
      expect((await cli.world.deps.runs.get(id))?.workerId).toMatch(/^[0-9a-f]{24}$/);

      const log = await Array.fromAsync(cli.client.getComputeWorkerRunLogsIter(id));
      const states = log.filter(({ group }) => group === 'run').map(({ state }) => state);
      expect(new Set(states).size).toBe(states.length);
      expect(states).toEqual(expect.arrayContaining(['STARTED', 'LOADING_DATASET', 'SAMPLING', 'COMPLETED']));
      expect(log.filter(({ state, load }) => state === 'SAMPLING' && load !== undefined)).not.toEqual([]);
    },
    PATIENCE,
  );

  test(
    'looks at the images themselves where parts of them are asked for, and finds the same in them',
    async () => {
      const selection = {
        nSamples: 2,
        autoTasks: [{ type: 'TILING', name: 'quarters', numRows: 2, numCols: 2 }],
        strategies: [{ input: { type: 'EMBEDDINGS', task: 'quarters' }, strategy: { type: 'DIVERSITY' } }],
      };
      const [here, there] = [await datasetWithPhotos(), await datasetWithPhotos()];
      const ofBuiltIn = await schedule(here, { config: { docker, selection } });
      expect(await carriedOut(here, ofBuiltIn, /COMPLETED|FAILED/)).toBe('COMPLETED');
      const ofWorker = await schedule(there, { config: { docker, selection }, runsOn: ['eyes'] });
      const worker = startWorker('--labels', 'eyes', '--once');
      await waitUntil(worker.program, () => worker.program.output().includes('begun'));
      expect(await carriedOut(there, ofWorker, /COMPLETED|FAILED/)).toBe('COMPLETED');
      expect((await worker.ended).code).toBe(0);
      expect(await decisionsOf(ofWorker)).toEqual(await decisionsOf(ofBuiltIn));
    },
    PATIENCE,
  );

  test(
    'killed, its run is gone on with by its next process',
    async () => {
      const datasetId = await datasetWithImages();
      const scheduledId = await schedule(datasetId, { runsOn: ['big'] });
      const parameters = ['worker', '--every', '1', '--name', 'phoenix', '--labels', 'big', '--once'];
      const first = cli.start(parameters);
      await waitUntil(first.program, () => first.program.output().includes('begun (attempt 1)'));
      first.program.child.kill('SIGKILL');
      await first.ended;
      const { id: runId } = await client.runOf(scheduledId);
      clock.ahead += 61_000;
      const second = cli.start(parameters);
      await waitUntil(second.program, () => second.program.output().includes('begun (attempt 2)'));
      expect(await carriedOut(datasetId, scheduledId, /COMPLETED|FAILED/)).toBe('COMPLETED');
      expect((await client.runOf(scheduledId)).id).toBe(runId);
      expect((await second.ended).code).toBe(0);
    },
    PATIENCE,
  );

  test(
    'killed for good, its run is opened again and the built-in worker takes it',
    async () => {
      const datasetId = await datasetWithImages();
      const scheduledId = await schedule(datasetId, { runsOn: ['lonely'] });
      const worker = startWorker('--labels', 'lonely', '--once');
      await waitUntil(worker.program, () => worker.program.output().includes('begun (attempt 1)'));
      worker.program.child.kill('SIGKILL');
      await worker.ended;
      await builtIn.deliver({ datasetId, scheduledId });
      expect((await cli.world.deps.scheduledRuns.get(scheduledId))?.state).toBe('LOCKED');
      // Until it counts as gone, which is longer than it has to be silent to lose the run.
      clock.ahead += 6 * 60_000;
      expect(await carriedOut(datasetId, scheduledId, /COMPLETED|FAILED/)).toBe('COMPLETED');
      expect((await cli.world.deps.datasets.get(datasetId))?.lockedBy).toBeUndefined();
    },
    PATIENCE,
  );

  test(
    'told to end, gives its run back',
    async () => {
      const datasetId = await datasetWithImages();
      const scheduledId = await schedule(datasetId, { runsOn: ['polite'] });
      const worker = startWorker('--labels', 'polite');
      await waitUntil(worker.program, () => worker.program.output().includes('begun'));
      worker.program.child.kill('SIGTERM');
      const { code, stderr } = await worker.ended;
      expect([code, stderr]).toEqual([130, expect.stringContaining('given back')]);
      expect((await cli.world.deps.scheduledRuns.get(scheduledId))?.state).toBe('OPEN');
      expect((await cli.world.deps.datasets.get(datasetId))?.lockedBy).toBeUndefined();
    },
    PATIENCE,
  );

  test(
    'hears that its run is canceled',
    async () => {
      const datasetId = await datasetWithImages();
      const scheduledId = await schedule(datasetId, { runsOn: ['patient'] });
      const worker = startWorker('--labels', 'patient', '--once');
      await waitUntil(worker.program, () => worker.program.output().includes('begun'));
      const path = { datasetId, scheduledId };
      await cli.world.call('cancel_scheduled_docker_run_state_by_id', { path });
      expect(await carriedOut(datasetId, scheduledId, /COMPLETED|FAILED|ABORTED/)).toBe('ABORTED');
      expect((await worker.ended).code).toBe(0);
      expect((await cli.world.deps.datasets.get(datasetId))?.lockedBy).toBeUndefined();
    },
    PATIENCE,
  );

  test(
    'says why a run can not be planned, and the run ends so',
    async () => {
      const datasetId = await datasetWithImages();
      const config = {
        ...FIVE,
        docker: { ...docker, corruptnessCheck: { corruptionThreshold: 0 } },
      };
      const sequencer = (++events).toString(16).padStart(32, '0');
      const { facts: _, thumbName: __, ...base } = someRawSample({ datasetId, fileName: 'broken.jpg' });
      const rejection = { code: 'CORRUPT', reason: 'no end' } as const;
      const broken = { ...base, registeredAt: Date.now(), sequencer, state: 'rejected', rejection } as const;
      await cli.world.deps.rawSamples.write(broken, { by: 'sequencer', sequencer });
      const scheduledId = await schedule(datasetId, { runsOn: ['strict'], config });
      const worker = startWorker('--labels', 'strict', '--once');
      await waitUntil(worker.program, () => worker.program.output().includes('begun'));
      expect(await carriedOut(datasetId, scheduledId, /COMPLETED|FAILED/)).toBe('FAILED');
      expect((await worker.ended).code).toBe(0);
      const { artifacts = [] } = await client.runOf(scheduledId);
      expect(artifacts.map(({ type }) => type)).toContain('CORRUPTNESS_CHECK_INFORMATION');
    },
    PATIENCE,
  );

  test(
    'ends with the code of its error where it may not, or can not, work',
    async () => {
      const stranger = await cli.winnow(['worker', '--once', '--token', 'nobody']);
      expect([stranger.code, stranger.stderr]).toEqual([4, expect.stringContaining('token')]);
      const wrong = await cli.winnow(['worker', '--labels', 'gpu,,large']);
      expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('gpu,large')]);
      const nowhere = await cli.winnow(['worker', '--server', 'http://127.0.0.1:9', '--once']);
      expect(nowhere.code).toBe(1);
    },
    PATIENCE,
  );
});
