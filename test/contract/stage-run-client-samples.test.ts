import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Dataset } from '#contracts/items';
import { appendSample } from '#platform/samples/append-sample';
import { sampleByFileName } from '#platform/samples/find-sample';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import { collect } from '../support/documents.ts';
import { Killed } from '../support/failing-at-call.ts';
import { addImage, newDataset, type RunWorld, scheduleRun, startRunWorld } from '../support/run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

const addByClient = ({ id: datasetId }: Dataset, fileName: string) =>
  appendSample(
    { datasetId, fileName },
    (id) => ({
      datasetId,
      type: 'IMAGE',
      fileName,
      bucket: world.platformBucket,
      key: id,
      createdAt: 1,
      lastModifiedAt: 1,
      customMetaData: { said: fileName },
    }),
    { ...world, pause: async () => undefined },
  );

async function members({ id }: Dataset) {
  const { sampleCount } = (await world.datasets.get(id))!;
  return collect(world.samples.range(id, 0, sampleCount));
}

test('a run goes on behind the samples of clients, looks past them, and says so', async () => {
  const dataset = await newDataset(world);
  for (const name of ['client-0.jpg', 'client-1.jpg']) await addByClient(dataset, name);
  for (const content of [1, 2, 3]) await addImage(world, dataset, `${content}.jpg`, content);
  const message = await scheduleRun(world, dataset);
  await carryOutRun(message, world);

  const samples = await members(dataset);
  expect(samples.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  expect(samples.map(({ runId }) => runId !== undefined)).toEqual([false, false, true, true]);
  const scheduled = (await world.scheduledRuns.get(message.scheduledId))!;
  const run = (await world.runs.get(scheduled.runId!))!;
  expect(run.state).toBe('COMPLETED');
  const lines = await world.runLogs.read(run.id, 0, 1_000);
  expect(lines.filter(({ level }) => level === 'WARNING').map(({ msg }) => msg)).toEqual([
    "2 samples were added by a client and have no embedding; the selection can't look at them.",
  ]);
  const { sizeInBytes } = (await world.datasets.get(dataset.id))!;
  expect(sizeInBytes).toBe(2 * 12345);
});

test('samples of a run are found by name, and the next client sample comes behind them', async () => {
  const dataset = await newDataset(world);
  for (const content of [1, 2]) await addImage(world, dataset, `${content}.jpg`, content);
  await carryOutRun(await scheduleRun(world, dataset), world);
  for (const { id, fileName } of await members(dataset)) {
    const found = await sampleByFileName((await world.datasets.get(dataset.id))!, fileName, world.samples);
    expect(found?.id).toBe(id);
    expect((await addByClient(dataset, fileName)).id).toBe(id);
  }
  expect((await addByClient(dataset, 'late.jpg')).index).toBe(2);
});

test('the image of a client sample that arrives makes it analysed, and what the client said stays', async () => {
  const dataset = await newDataset(world);
  await addByClient(dataset, 'same.jpg');
  await addImage(world, dataset, 'same.jpg', 7);
  await addImage(world, dataset, 'other.jpg', 8);
  await carryOutRun(await scheduleRun(world, dataset), world);
  const [first, ...others] = await members(dataset);
  expect(first).toMatchObject({ index: 0, fileName: 'same.jpg', customMetaData: { said: 'same.jpg' } });
  expect(first?.facts?.embedding).toHaveLength(256);
  expect(others.map(({ fileName }) => fileName)).toEqual(['other.jpg']);
});

test('a run that is continued does not undo what a client said of its samples in between', async () => {
  const dataset = await newDataset(world);
  for (const content of [1, 2]) await addImage(world, dataset, `${content}.jpg`, content);
  const message = await scheduleRun(world, dataset);
  // It dies while it settles its candidates: its samples are members by then.
  const settle = () => Promise.reject(new Killed('while it settles'));
  const dying = { ...world, rawSamples: { ...world.rawSamples, settle } };
  await expect(carryOutRun(message, dying)).rejects.toThrow(Killed);
  expect(await members(dataset)).toHaveLength(2);
  await world.samples.update(dataset.id, 1, { customMetaData: { checked: true } });
  world.clock.at += 60_000;
  await carryOutRun(message, world);
  expect((await members(dataset))[1]).toMatchObject({ customMetaData: { checked: true } });
});
