import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import { outcomeOf, runOf } from '../support/run-outcome.ts';
import { addImage, newDataset, type RunWorld, scheduleRun, startRunWorld } from '../support/run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

const run = async (datasetId: Awaited<ReturnType<typeof newDataset>>, datasource: object) => {
  const docker = { useDatapool: true, uploadReport: false, datasource };
  const message = await scheduleRun(world, datasetId, { docker });
  await carryOutRun(message, world);
  return message.scheduledId;
};

test('a run that leaves the datapool as it is tells what it would choose, and the next run chooses just that', async () => {
  const dataset = await newDataset(world);
  for (const content of [1, 2, 3]) await addImage(world, dataset, `${content}.jpg`, content);
  const first = await outcomeOf(world, await run(dataset, {}));
  for (const content of [4, 5, 6, 7]) await addImage(world, dataset, `${content}.jpg`, content);

  const asking = await run(dataset, { enableDatapoolUpdate: false });
  const asked = await outcomeOf(world, asking);
  expect(asked).toMatchObject({
    state: 'COMPLETED',
    samples: first.samples,
    tags: first.tags,
    isLocked: false,
  });
  expect(asked.pending).toEqual(['4.jpg', '5.jpg', '6.jpg', '7.jpg']);
  const { run: ended } = await runOf(world, asking);
  expect(ended.tagName).toBeUndefined();
  expect(ended.messages.at(-1)?.message).toContain('2 images were chosen');
  expect(ended.messages.map(({ state }) => state)).not.toContain('SAVING_RESULTS');

  const choosing = await outcomeOf(world, await run(dataset, {}));
  expect(choosing.selection).toBe(asked.selection);
  expect(choosing.samples).toHaveLength(4);
  expect(choosing.pending).toEqual([]);
});
