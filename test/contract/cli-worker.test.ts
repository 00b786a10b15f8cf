import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { waitUntil } from '../support/program.ts';
import {
  addBroken,
  carriedOut,
  datasetWithImages,
  datasetWithPhotos,
  decisionsOf,
  FIVE,
  schedule,
  startWorker,
  startWorkerWorld,
  WITHOUT_REPORT,
  type WorkerWorld,
} from '../support/worker-world.ts';

let world: WorkerWorld;
beforeAll(async () => {
  world = await startWorkerWorld();
});
afterAll(() => world?.cli.stop());

/** Each test starts processes; ms. */
const PATIENCE = 90_000;

describe('winnow worker', () => {
  test(
    'decides bit for bit what the built-in worker decides, which carries it out',
    async () => {
      const [here, there] = [await datasetWithImages(world), await datasetWithImages(world)];
      const ofBuiltIn = await schedule(world, here);
      expect(await carriedOut(world, { datasetId: here, scheduledId: ofBuiltIn })).toBe('COMPLETED');

      const worker = startWorker(world, '--labels', 'gpu,large', '--once');
      await waitUntil(worker.program, () => worker.program.output().includes('waits for runs'));
      const ofWorker = await schedule(world, there, { runsOn: ['gpu'] });
      expect(await carriedOut(world, { datasetId: there, scheduledId: ofWorker })).toBe('COMPLETED');
      const { code, stderr } = await worker.ended;
      expect([code, stderr]).toEqual([0, expect.stringContaining('handed in. plan of 5 samples')]);

      const decisions = await decisionsOf(world, ofWorker);
      expect(decisions).toHaveLength(12);
      expect(decisions).toEqual(await decisionsOf(world, ofBuiltIn));
      const { id } = await world.client.runOf(ofWorker);
      expect((await world.deps.runs.get(id))?.workerId).toMatch(/^[0-9a-f]{24}$/);

      const log = await Array.fromAsync(world.cli.client.getComputeWorkerRunLogsIter(id));
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
      const [here, there] = [await datasetWithPhotos(world), await datasetWithPhotos(world)];
      const ofBuiltIn = await schedule(world, here, { config: { docker: WITHOUT_REPORT, selection } });
      expect(await carriedOut(world, { datasetId: here, scheduledId: ofBuiltIn })).toBe('COMPLETED');
      const ofWorker = await schedule(world, there, {
        config: { docker: WITHOUT_REPORT, selection },
        runsOn: ['eyes'],
      });
      const worker = startWorker(world, '--labels', 'eyes', '--once');
      await waitUntil(worker.program, () => worker.program.output().includes('begun'));
      expect(await carriedOut(world, { datasetId: there, scheduledId: ofWorker })).toBe('COMPLETED');
      expect((await worker.ended).code).toBe(0);
      expect(await decisionsOf(world, ofWorker)).toEqual(await decisionsOf(world, ofBuiltIn));
    },
    PATIENCE,
  );

  test(
    'killed, its run is gone on with by its next process',
    async () => {
      const datasetId = await datasetWithImages(world);
      const scheduledId = await schedule(world, datasetId, { runsOn: ['big'] });
      const parameters = ['worker', '--every', '1', '--name', 'phoenix', '--labels', 'big', '--once'];
      const first = world.cli.start(parameters);
      await waitUntil(first.program, () => first.program.output().includes('begun (attempt 1)'));
      first.program.child.kill('SIGKILL');
      await first.ended;
      const { id: runId } = await world.client.runOf(scheduledId);
      world.clock.ahead += 61_000;
      const second = world.cli.start(parameters);
      await waitUntil(second.program, () => second.program.output().includes('begun (attempt 2)'));
      expect(await carriedOut(world, { datasetId, scheduledId })).toBe('COMPLETED');
      expect((await world.client.runOf(scheduledId)).id).toBe(runId);
      expect((await second.ended).code).toBe(0);
    },
    PATIENCE,
  );

  test(
    'killed for good, its run is opened again and the built-in worker takes it',
    async () => {
      const datasetId = await datasetWithImages(world);
      const scheduledId = await schedule(world, datasetId, { runsOn: ['lonely'] });
      const worker = startWorker(world, '--labels', 'lonely', '--once');
      await waitUntil(worker.program, () => worker.program.output().includes('begun (attempt 1)'));
      worker.program.child.kill('SIGKILL');
      await worker.ended;
      await world.builtIn.deliver({ datasetId, scheduledId });
      expect((await world.deps.scheduledRuns.get(scheduledId))?.state).toBe('LOCKED');
      // Until it counts as gone, which is longer than it has to be silent to lose the run.
      world.clock.ahead += 6 * 60_000;
      expect(await carriedOut(world, { datasetId, scheduledId })).toBe('COMPLETED');
      expect((await world.deps.datasets.get(datasetId))?.lockedBy).toBeUndefined();
    },
    PATIENCE,
  );

  test(
    'told to end, gives its run back',
    async () => {
      const datasetId = await datasetWithImages(world);
      const scheduledId = await schedule(world, datasetId, { runsOn: ['polite'] });
      const worker = startWorker(world, '--labels', 'polite');
      await waitUntil(worker.program, () => worker.program.output().includes('begun'));
      worker.program.child.kill('SIGTERM');
      const { code, stderr } = await worker.ended;
      expect([code, stderr]).toEqual([130, expect.stringContaining('given back')]);
      expect((await world.deps.scheduledRuns.get(scheduledId))?.state).toBe('OPEN');
      expect((await world.deps.datasets.get(datasetId))?.lockedBy).toBeUndefined();
    },
    PATIENCE,
  );

  test(
    'hears that its run is canceled, also where nobody puts its input together',
    async () => {
      const datasetId = await datasetWithImages(world);
      const scheduledId = await schedule(world, datasetId, { runsOn: ['patient'] });
      const worker = startWorker(world, '--labels', 'patient', '--once');
      await waitUntil(worker.program, () => worker.program.output().includes('begun'));
      const path = { datasetId, scheduledId };
      await world.cli.world.call('cancel_scheduled_docker_run_state_by_id', { path });
      expect((await worker.ended).code).toBe(0);
      expect(await carriedOut(world, { datasetId, scheduledId }, /COMPLETED|FAILED|ABORTED/)).toBe('ABORTED');
      expect((await world.deps.datasets.get(datasetId))?.lockedBy).toBeUndefined();
    },
    PATIENCE,
  );

  test(
    'says why a run can not be planned, and the run ends so',
    async () => {
      const datasetId = await datasetWithImages(world);
      const config = {
        ...FIVE,
        docker: { ...WITHOUT_REPORT, corruptnessCheck: { corruptionThreshold: 0 } },
      };
      await addBroken(world, datasetId, 'broken.jpg');
      const scheduledId = await schedule(world, datasetId, { runsOn: ['strict'], config });
      const worker = startWorker(world, '--labels', 'strict', '--once');
      await waitUntil(worker.program, () => worker.program.output().includes('begun'));
      expect(await carriedOut(world, { datasetId, scheduledId })).toBe('FAILED');
      expect((await worker.ended).code).toBe(0);
      const { artifacts = [] } = await world.client.runOf(scheduledId);
      expect(artifacts.map(({ type }) => type)).toContain('CORRUPTNESS_CHECK_INFORMATION');
    },
    PATIENCE,
  );

  test(
    'ends with the code of its error where it may not, or can not, work',
    async () => {
      const stranger = await world.cli.winnow(['worker', '--once', '--token', 'nobody']);
      expect([stranger.code, stranger.stderr]).toEqual([4, expect.stringContaining('token')]);
      const wrong = await world.cli.winnow(['worker', '--labels', 'gpu,,large']);
      expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('gpu,large')]);
      const nowhere = await world.cli.winnow(['worker', '--server', 'http://127.0.0.1:9', '--once']);
      expect(nowhere.code).toBe(1);
    },
    PATIENCE,
  );
});
