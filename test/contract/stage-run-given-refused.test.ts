import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Run, ScheduledRun } from '#contracts/items';
import { startedRun } from '#platform/runs/started-run';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import { policyDocument } from '../../local/access-policy.ts';
import { PREFIX } from '../support/delegated-bucket.ts';
import { newId } from '../support/documents.ts';
import { entry } from '../support/given-files.ts';
import { type InterruptedRuns, interruptedRuns } from '../support/interrupted-runs.ts';
import { lentDataset } from '../support/lent-dataset.ts';
import { type LocalTarget, startLocalTarget } from '../support/local-access-target.ts';
import { type RunWorld, scheduleRun, startRunWorld } from '../support/run-world.ts';

let target: LocalTarget;
let world: RunWorld;
let runs: InterruptedRuns;
beforeAll(async () => {
  target = await startLocalTarget();
  world = await startRunWorld(target.servers);
  runs = interruptedRuns(world);
}, 60_000);
afterAll(() => Promise.all([world.stop(), target.close()]));

describe('a run that is refused what users have given of images', () => {
  const WET = { nSamples: 1, strategies: [entry({ type: 'METADATA', key: 'rain' }, { type: 'WEIGHTS' })] };
  const LIST = { selection: WET, docker: { relevantFilenamesFile: '.lightly/list.txt' } };

  async function giving() {
    const given = await lentDataset(world, target, 2, { without: ['read'] });
    await given.bucket.put('.lightly/metadata/0.json', { Body: '{"metadata":{"rain":1}}' });
    await given.bucket.put('.lightly/metadata/1.json', { Body: '{"metadata":{"rain":2}}' });
    await given.bucket.put('.lightly/list.txt', { Body: '0.jpg\n1.jpg\n' });
    return given;
  }

  test('waits as often as it takes, and is never given up for it', async () => {
    const { bucket, dataset } = await giving();
    const message = await scheduleRun(world, dataset, LIST);
    const impatient = { ...world, maxAttempts: 1 };
    for (let round = 0; round < 4; round++) {
      await carryOutRun(message, impatient);
      const { state, message: told, attempts } = await runs.waiting(message);
      expect({ state, attempts }).toEqual({ state: 'LOADING_DATASET', attempts: 1 });
      expect(told).toMatch(/^Waiting for the datasource: s3:GetObject .* was denied/);
      expect((await world.datasourceStates.get(dataset.id))?.problem).toMatchObject({
        use: 'LIGHTLY',
        code: 'DENIED',
      });
      // As if somebody had found it to be right, and it is not.
      const all = { canList: true, canRead: true, canWrite: true, canOverwrite: true };
      await world.datasourceStates.noteVerified(dataset.id, 1, { at: world.now(), ...all });
    }
    await bucket.setRole();
    await carryOutRun(message, impatient);
    expect(await runs.resultOf(dataset, message)).toMatchObject({
      state: 'COMPLETED',
      samples: [[0, '1.jpg']],
    });
  }, 60_000);

  test('of one file, waits until that can be read, whatever else can be', async () => {
    const { bucket, dataset } = await giving();
    await bucket.setRole();
    const fileName = '.lightly/metadata/1.json';
    const Resource = `arn:aws:s3:::${bucket.name}/${PREFIX}${fileName}`;
    const Statement = { Effect: 'Deny', Action: 's3:GetObject', Principal: '*', Resource };
    await bucket.setBucket({ policy: policyDocument.parse({ Statement }) });
    const message = await scheduleRun(world, dataset, LIST);
    await carryOutRun(message, world);
    expect(await runs.waiting(message)).toMatchObject({ waitsForDatasource: true });
    expect(await runs.verified(dataset)).toMatchObject({ use: 'LIGHTLY', scope: 'object', fileName });
    await bucket.setBucket({ policy: policyDocument.parse({ Statement: [] }) });
    expect(await runs.verified(dataset)).toBeUndefined();
    await carryOutRun(message, world);
    expect(await runs.resultOf(dataset, message)).toMatchObject({ state: 'COMPLETED', attempts: 1 });
  }, 60_000);

  test('does not wait for ever for another file than its own', async () => {
    const { bucket, dataset } = await giving();
    const message = await scheduleRun(world, dataset, LIST);
    await carryOutRun(message, world);
    await bucket.setRole();
    await world.datasourceStates.noteProblem(dataset.id, 1, {
      ...{ use: 'INPUT', code: 'KMS_DENIED', scope: 'object', action: 'kms:Decrypt', resource: 'arn' },
      ...{ reason: 'Enable the key.', fileName: 'another.jpg', isOfSomeFiles: true, seenAt: world.now() },
    });
    await carryOutRun(message, world);
    expect(await runs.waiting(message)).toMatchObject({ waitsForDatasource: true });
    const later = { ...world, now: () => world.now() + 60 * 60_000 };
    await carryOutRun(message, later);
    expect(await runs.resultOf(dataset, message)).toMatchObject({ state: 'COMPLETED', attempts: 1 });
  }, 60_000);

  test('waits for a worker elsewhere that plans it, too', async () => {
    const { bucket, dataset } = await giving();
    const runId = newId();
    const by = {
      state: 'LOCKED',
      runId,
      workerId: newId(),
      handsInPlan: true,
    } as const satisfies Partial<ScheduledRun>;
    const message = await scheduleRun(world, dataset, LIST, by);
    const scheduled = await world.scheduledRuns.get(message.scheduledId);
    const planned: Run = { ...startedRun(runId, scheduled!, world.now()), workerId: by.workerId };
    await world.runs.create(planned);
    await carryOutRun(message, world);
    expect(await world.runs.get(runId)).toMatchObject({ waitsForDatasource: true, attempts: 1 });
    await carryOutRun(message, world);
    await bucket.setRole();
    expect(await runs.verified(dataset)).toBeUndefined();
    await carryOutRun(message, world);
    const run = await world.runs.get(runId);
    expect(run?.inputKey).toBeDefined();
    expect(run).not.toHaveProperty('waitsForDatasource');
    expect(run).toMatchObject({ attempts: 1, heartbeatAt: planned.heartbeatAt });
  }, 60_000);
});
