import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { datasetSettings } from '#contracts/settings';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import { someFacts } from '../support/documents.ts';
import { outcomeOf, runOf } from '../support/run-outcome.ts';
import { addImage, newDataset, type RunWorld, scheduleRun, startRunWorld } from '../support/run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

/** Facts by a model whose vectors have two values. */
const described = (content: number, embeddingModel = 'learned/1') => ({
  ...someFacts(content),
  ...{ embeddingModel, embedding: Float32Array.of(Math.cos(content), Math.sin(content)) },
});

test('a run in the midst of a change of model: what is described anew is selected from, the rest waits', async () => {
  const dataset = await newDataset(world);
  for (const content of [1, 2]) await addImage(world, dataset, `${content}.jpg`, content);
  const byDiversity = [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }];
  const selectAll = { strategies: byDiversity, proportionSamples: 1 };
  const first = await scheduleRun(world, dataset, { selection: selectAll });
  await carryOutRun(first, world);
  expect((await outcomeOf(world, first.scheduledId)).samples).toHaveLength(2);

  const settings = datasetSettings.parse({ ingest: { embeddingModel: 'learned/1' } });
  const { settingsVersion } = (await world.datasets.get(dataset.id))!;
  await world.datasets.replaceSettings(dataset.id, settings, settingsVersion);
  // One sample and one new image are described by the new model, one new image is not yet.
  const { fileName } = (await world.samples.get(dataset.id, 0))!;
  const content = Number.parseInt(fileName, 10);
  await addImage(world, dataset, fileName, content, { facts: described(content) });
  await addImage(world, dataset, '3.jpg', 3, { facts: described(3) });
  await addImage(world, dataset, '4.jpg', 4);
  const second = await scheduleRun(world, dataset, { selection: selectAll });
  await carryOutRun(second, world);

  const outcome = await outcomeOf(world, second.scheduledId);
  expect(outcome).toMatchObject({ state: 'COMPLETED', pending: ['4.jpg'] });
  expect(outcome.samples.map((sample) => sample.fileName).slice(2)).toEqual(['3.jpg']);
  expect((await world.samples.get(dataset.id, 0))?.facts?.embeddingModel).toBe('learned/1');
  const { run } = await runOf(world, second.scheduledId);
  const warnings = (await world.runLogs.read(run.id, 0, 100)).filter(({ level }) => level === 'WARNING');
  expect(warnings.map(({ msg }) => msg)).toEqual([
    expect.stringContaining(
      "1 candidates and 1 samples are still to be described by the embedding model 'learned/1'.",
    ),
  ]);

  await addImage(world, dataset, '4.jpg', 4, { facts: described(4) });
  const third = await scheduleRun(world, dataset, { selection: selectAll });
  await carryOutRun(third, world);
  expect(await outcomeOf(world, third.scheduledId)).toMatchObject({ state: 'COMPLETED', pending: [] });
});
