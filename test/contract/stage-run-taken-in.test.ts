import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Dataset } from '#contracts/items';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import { finishedSync } from '../support/finished-sync.ts';
import { addImage, newDataset, type RunWorld, scheduleRun, startRunWorld } from '../support/run-world.ts';

/** A run begins when what was in its dataset's datasource is there to choose from. */

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
}, 60_000);
afterAll(() => world.stop());

async function connectedDataset() {
  const dataset = await newDataset(world);
  const config = {
    ...{ type: 'S3' as const, purpose: 'INPUT' as const, fullPath: 's3://cameras/north' },
    ...{ s3Region: 'eu-central-1', s3AccessKeyId: 'AKIDOFATEST', s3SecretAccessKey: 'not-a-secret' },
  };
  const stored = { datasetId: dataset.id, version: 1, configs: [config], lastModifiedAt: world.now() };
  await world.datasources.replace(stored);
  return { dataset, stored };
}

/** What the run is after its message was delivered once more. */
async function stateAfterDelivery(dataset: Dataset, message: Parameters<typeof carryOutRun>[0]) {
  await carryOutRun(message, world);
  const { lockedBy } = (await world.datasets.get(dataset.id))!;
  return {
    state: (await world.scheduledRuns.get(message.scheduledId))!.state,
    isLocked: lockedBy !== undefined,
  };
}

const WAITS = { state: 'OPEN', isLocked: false };
const ENDED = { state: 'DONE', isLocked: false };

test('a run that is scheduled right after its datasource was set waits until that is listed and read', async () => {
  const { dataset, stored } = await connectedDataset();
  const message = await scheduleRun(world, dataset);
  expect(await stateAfterDelivery(dataset, message)).toEqual(WAITS);
  await world.syncs.replace(finishedSync(dataset, stored, { missed: 2, at: world.now() }));
  await addImage(world, dataset, 'a.jpg', 1);
  expect(await stateAfterDelivery(dataset, message)).toEqual(WAITS);
  await addImage(world, dataset, 'b.jpg', 2);
  expect(await stateAfterDelivery(dataset, message)).toEqual(ENDED);
});

test('it does not wait for ever for an image that never comes', async () => {
  const { dataset, stored } = await connectedDataset();
  const message = await scheduleRun(world, dataset);
  const longAgo = world.now() - 10 * 60_000;
  await world.syncs.replace(finishedSync(dataset, stored, { missed: 2, at: longAgo }));
  await addImage(world, dataset, 'a.jpg', 1);
  expect(await stateAfterDelivery(dataset, message)).toEqual(ENDED);
});
