import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Dataset, RawSample } from '#contracts/items';
import { allFacts } from '#platform/snapshots/fact-snapshot';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import type { RunDeps } from '../../functions/run/run-deps.ts';
import { collect } from '../support/documents.ts';
import { failingAtCall } from '../support/failing-at-call.ts';
import { outcomeOf } from '../support/run-outcome.ts';
import {
  addImage,
  addRefused,
  newDataset,
  type RunWorld,
  scheduleRun,
  startRunWorld,
} from '../support/run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

const PROCESS_ALL = { docker: { datasource: { processAll: true }, uploadReport: false } };
const PENDING = { docker: { uploadReport: false } };
const stored = async (dataset: Dataset): Promise<Dataset> => {
  const found = await world.datasets.get(dataset.id);
  if (!found) throw new Error('The dataset is gone.');
  return found;
};

async function run(dataset: Dataset, config: object = PENDING): Promise<string> {
  const message = await scheduleRun(world, dataset, config);
  await carryOutRun(message, world);
  expect((await outcomeOf(world, message.scheduledId)).state).toBe('COMPLETED');
  return message.scheduledId;
}

const byName = (all: RawSample[]) =>
  all
    // What has been settled meanwhile is the same image.
    .map(({ pending: _, ...rawSample }) => rawSample)
    .sort((one, other) => (one.fileName < other.fileName ? -1 : 1));

/** As a run that reads everything would have them, and as the table has them. */
async function compared(dataset: Dataset) {
  const fallbacks: unknown[] = [];
  const onFallback = (error: unknown): void => void fallbacks.push(error);
  const now = await stored(dataset);
  const fromSnapshot = byName(await Array.fromAsync(await allFacts(now, { ...world, onFallback })));
  const fromTable = byName(await collect(world.rawSamples.list(dataset.id)));
  return { fromSnapshot, fromTable, fallbacks, keys: now.factSnapshot?.keys?.length };
}

async function expectTheSame(dataset: Dataset, keys: number): Promise<void> {
  const found = await compared(dataset);
  expect(found.fromSnapshot).toEqual(found.fromTable);
  expect([found.keys, found.fallbacks]).toEqual([keys, []]);
}

async function remove(dataset: Dataset, fileName: string): Promise<void> {
  const found = await world.rawSamples.get(dataset.id, fileName);
  if (found?.state !== 'registered') throw new Error(`${fileName} is not there.`);
  const { facts: _, thumbName: __, ...base } = found;
  const sequencer = `${found.sequencer}f`;
  const deleted = {
    ...base,
    sequencer,
    registeredAt: world.now(),
    pending: false,
    state: 'deleted' as const,
  };
  expect(await world.rawSamples.write(deleted, { by: 'sequencer', sequencer })).toBe('written');
}

/** As ingest does it once a listing shows that it moved to an archive, or was restored. */
async function setArchived(dataset: Dataset, fileName: string, state: 'archived' | 'registered') {
  const found = await world.rawSamples.get(dataset.id, fileName);
  if (found?.state !== 'registered' && found?.state !== 'archived')
    throw new Error(`${fileName} is not read.`);
  const seen = { sequencer: found.sequencer, eTag: found.eTag };
  const changed = { ...found, state, registeredAt: world.now() };
  expect(await world.rawSamples.write(changed, { by: 'observation', seen })).toBe('written');
}

describe('the snapshot of facts', () => {
  test('has no images that moved to an archive, until they are back; runs have read what they had read', async () => {
    const dataset = await newDataset(world);
    const files = ['1.jpg', '2.jpg', '3.jpg', 'new.jpg'] as const;
    for (const [at, name] of files.slice(0, 3).entries()) await addImage(world, dataset, name, at + 1);
    await run(dataset);
    await addImage(world, dataset, 'new.jpg', 9);
    for (const name of ['1.jpg', 'new.jpg']) await setArchived(dataset, name, 'archived');
    const namesNow = async () => (await compared(dataset)).fromTable.map(({ fileName }) => fileName);
    await expectTheSame(dataset, 1);
    expect([await namesNow(), await world.rawSamples.countPending(dataset.id, 9)]).toEqual([
      ['2.jpg', '3.jpg'],
      0,
    ]);
    // Nothing waits for this run, and it chooses from what is there.
    const { samples } = await outcomeOf(world, await run(dataset, PROCESS_ALL));
    expect(samples.map(({ fileName }) => fileName)).not.toContain('new.jpg');
    await expectTheSame(dataset, 2);
    expect(await collect(world.rawSamples.listChanged(dataset.id))).toEqual([]);
    for (const name of ['1.jpg', 'new.jpg']) await setArchived(dataset, name, 'registered');
    await expectTheSame(dataset, 2);
    const pending = await collect(world.rawSamples.listPending(dataset.id, world.now()));
    expect([await namesNow(), pending.map(({ fileName }) => fileName)]).toEqual([[...files], ['new.jpg']]);
    await run(dataset, PROCESS_ALL);
    await expectTheSame(dataset, 3);
  });

  test('says what the table says, through uploads, uploads again, deletions and runs of any kind', async () => {
    const dataset = await newDataset(world);
    for (const content of [1, 2, 3, 4]) await addImage(world, dataset, `${content}.jpg`, content);
    await addRefused(world, dataset, 'broken.jpg', { code: 'CORRUPT', reason: 'no end' });
    await expectTheSame(dataset, 0);
    await run(dataset);
    await expectTheSame(dataset, 1);
    await addImage(world, dataset, '5.jpg', 5);
    await addImage(world, dataset, '2.jpg', 22);
    await remove(dataset, '3.jpg');
    await expectTheSame(dataset, 1);
    await run(dataset);
    await expectTheSame(dataset, 2);
    await run(dataset, PROCESS_ALL);
    await expectTheSame(dataset, 2);
    await remove(dataset, '5.jpg');
    await addImage(world, dataset, '3.jpg', 33);
    await run(dataset, PROCESS_ALL);
    await expectTheSame(dataset, 3);
    expect(await collect(world.rawSamples.listChanged(dataset.id))).toEqual([]);
  });

  test('leads to the same choice as the table', async () => {
    const [one, other] = [await newDataset(world), await newDataset(world)];
    const choices: string[] = [];
    for (const dataset of [one, other]) {
      for (let content = 1; content <= 9; content++)
        await addImage(world, dataset, `${content}.jpg`, content);
      await run(dataset);
      await addImage(world, dataset, '99.jpg', 99);
      if (dataset === other) await world.datasets.recordFacts(dataset.id, { cutoff: world.now() });
      const { selection } = await outcomeOf(world, await run(dataset, PROCESS_ALL));
      // Groups have ids of their own in each dataset.
      choices.push(selection.replaceAll(/\b[0-9a-f]{24}\b/g, 'id'));
    }
    expect(choices[1]).toBe(choices[0]);
    expect(choices[0]?.split('\n').length).toBeGreaterThan(9);
  });

  test('stays a few objects, however many runs there were', async () => {
    const dataset = await newDataset(world);
    for (let content = 1; content <= 9; content++) {
      await addImage(world, dataset, `${content}.jpg`, content);
      await run(dataset);
    }
    const { fromSnapshot, fromTable, keys } = await compared(dataset);
    expect(fromSnapshot).toEqual(fromTable);
    expect(keys).toBeLessThanOrEqual(8);
    const { prefix, bucket } = dataset.platformFolder;
    const objects = await Array.fromAsync(world.objects.list(bucket, `${prefix}facts/`));
    expect(objects.map(({ key }) => key).sort()).toEqual(
      (await stored(dataset)).factSnapshot?.keys?.toSorted(),
    );
  }, 60_000);

  test('that is damaged or missing is not missed: the table is read, and the next run that reads all begins anew', async () => {
    const dataset = await newDataset(world);
    for (const content of [1, 2, 3]) await addImage(world, dataset, `${content}.jpg`, content);
    await run(dataset);
    const [key = ''] = (await stored(dataset)).factSnapshot?.keys ?? [];
    await world.objects.put({ bucket: world.platformBucket, key }, 'damaged', { contentType: 'text/plain' });
    const damaged = await compared(dataset);
    expect(damaged.fromSnapshot).toEqual(damaged.fromTable);
    expect(damaged.fallbacks).toHaveLength(1);
    await world.objects.delete(world.platformBucket, [key]);
    await addImage(world, dataset, '4.jpg', 4);
    await run(dataset, PROCESS_ALL);
    const missing = await compared(dataset);
    expect(missing.fromSnapshot).toEqual(missing.fromTable);
  });

  test('of a dataset from before there were any begins with a run that reads everything', async () => {
    const dataset = await newDataset(world);
    await addImage(world, dataset, '1.jpg', 1);
    await world.datasets.recordFacts(dataset.id, { cutoff: 1 });
    await run(dataset);
    expect((await compared(dataset)).keys).toBeUndefined();
    await run(dataset, PROCESS_ALL);
    await expectTheSame(dataset, 1);
  });

  test('does not lose what has changed since another attempt at the run was faster', async () => {
    const dataset = await newDataset(world);
    for (const content of [1, 2]) await addImage(world, dataset, `${content}.jpg`, content);
    await run(dataset);
    const message = await scheduleRun(world, dataset, PENDING);
    const listChanged: RunDeps['rawSamples']['listChanged'] = async function* (datasetId) {
      const { keys = [] } = (await stored(dataset)).factSnapshot ?? {};
      expect(await world.datasets.recordFacts(datasetId, { cutoff: world.now(), keys })).toBe(true);
      await remove(dataset, '1.jpg');
      yield* world.rawSamples.listChanged(datasetId);
    };
    await carryOutRun(message, { ...world, rawSamples: { ...world.rawSamples, listChanged } });
    const { fromSnapshot, fromTable } = await compared(dataset);
    expect(fromSnapshot).toEqual(fromTable);
    expect(fromTable.map(({ fileName }) => fileName)).toEqual(['2.jpg']);
  });

  test('is whole whenever a worker dies, and is not taken back by one that comes too late', async () => {
    const ports = ['datasets', 'rawSamples', 'objects', 'samples'] as const satisfies (keyof RunDeps)[];
    for (let fatal = 8, survived = false; !survived; fatal += 3) {
      const dataset = await newDataset(world);
      for (const content of [1, 2]) await addImage(world, dataset, `${content}.jpg`, content);
      await run(dataset);
      await addImage(world, dataset, '3.jpg', 3);
      await remove(dataset, '1.jpg');
      const message = await scheduleRun(world, dataset, PROCESS_ALL);
      const { deps } = failingAtCall<RunDeps>(world, ports, fatal);
      survived = await carryOutRun(message, deps).then(
        () => true,
        () => false,
      );
      const { fromSnapshot, fromTable } = await compared(dataset);
      expect({ fatal, fromSnapshot }).toEqual({ fatal, fromSnapshot: fromTable });
      world.clock.at += 60_000;
      await carryOutRun(message, world);
      const after = await compared(dataset);
      expect({ fatal, fromSnapshot: after.fromSnapshot }).toEqual({ fatal, fromSnapshot: after.fromTable });
      await world.datasets.recordFacts(dataset.id, { cutoff: 5, keys: [] });
      expect((await compared(dataset)).keys).toBe(after.keys);
    }
  }, 120_000);
});
