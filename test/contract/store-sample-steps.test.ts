import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pMap from 'p-map';
import { datasetStore } from '#aws/dataset-store';
import { sampleStore } from '#aws/sample-store';
import type { Sample } from '#contracts/samples';
import { newLandingDataset } from '#platform/datasets/datasets';
import { type AppendSampleDeps, appendSample } from '#platform/samples/append-sample';
import { sampleByFileName } from '#platform/samples/find-sample';
import { renameSample } from '#platform/samples/rename-sample';
import { sampleIdOf } from '#platform/samples/sample-id';
import { jitteredPause } from '../../functions/api/api-deps.ts';
import { startTableServer, type TableServer } from '../support/aws-servers.ts';
import { collect, newId, someSample } from '../support/documents.ts';
import { failingAtCall, Killed } from '../support/failing-at-call.ts';

let server: TableServer;
beforeAll(async () => {
  server = await startTableServer();
});
afterAll(() => server.stop());

/** Where a caller of the API keeps samples. */
function world(): AppendSampleDeps & Pick<Stores, 'datasets' | 'samples'> {
  return {
    datasets: datasetStore(server.table),
    samples: sampleStore(server.table),
    now: Date.now,
    pause: jitteredPause,
  };
}
interface Stores {
  readonly datasets: ReturnType<typeof datasetStore>;
  readonly samples: ReturnType<typeof sampleStore>;
}
const buckets = { landing: 'landing', platform: 'platform' };
async function newDataset(): Promise<string> {
  const name = `shop-${newId()}`;
  return (await world().datasets.ensure(name, (id) => newLandingDataset(id, name, buckets, 1))).id;
}

const append = (datasetId: string, fileName: string, deps: AppendSampleDeps): Promise<Sample> =>
  appendSample(
    { datasetId, fileName },
    (id) => ({
      datasetId,
      type: 'IMAGE',
      fileName,
      bucket: 'platform',
      key: id,
      createdAt: 1,
      lastModifiedAt: 1,
      metaData: { sizeInBytes: 10 },
    }),
    deps,
  );

/** All members of the dataset, found to be without gap, and each by its name. */
async function members(datasetId: string): Promise<string[]> {
  const { datasets, samples } = world();
  const dataset = (await datasets.get(datasetId))!;
  const found = await collect(samples.range(datasetId, 0, dataset.sampleCount));
  expect(found.map(({ index }) => index)).toEqual(Array.from({ length: dataset.sampleCount }, (_, at) => at));
  expect(found.filter(({ offer, renamingTo }) => offer ?? renamingTo)).toEqual([]);
  for (const { id, fileName } of found) {
    expect(await sampleByFileName(dataset, fileName, samples)).toMatchObject({ id, fileName });
  }
  const names = found.map(({ fileName }) => fileName);
  expect(new Set(names).size).toBe(names.length);
  return names;
}

describe('samples that clients add', () => {
  test('by eight callers at once have no gap and no duplicate', async () => {
    const datasetId = await newDataset();
    // All add the same names, each beginning with another one: they meet at indexes and at names.
    const caller = (number: number) =>
      pMap(
        Array.from({ length: 50 }, (_, at) => `${(at + 3 * number) % 50}.jpg`),
        (fileName) => append(datasetId, fileName, world()),
        { concurrency: 1 },
      );
    const added = (await Promise.all(Array.from({ length: 8 }, (_, number) => caller(number)))).flat();
    const names = await members(datasetId);
    expect(names.toSorted()).toEqual(Array.from({ length: 50 }, (_, at) => `${at}.jpg`).toSorted());
    for (const { fileName, index, id } of added) {
      expect([names[index], id]).toEqual([fileName, sampleIdOf(datasetId, index)]);
    }
    expect((await world().datasets.get(datasetId))?.sizeInBytes).toBe(500);
  });

  test('by callers that die between any two steps are there once after another try', async () => {
    const datasetId = await newDataset();
    let fatal = 1;
    for (let alive = false; !alive; fatal++) {
      const { deps } = failingAtCall(world(), ['datasets', 'samples'], fatal);
      const one = append(datasetId, `${fatal}.jpg`, deps).catch((error: unknown) => error);
      alive = !((await one) instanceof Killed);
      // Half of the time somebody else comes first.
      if (fatal % 2 === 0) await append(datasetId, `other-${fatal}.jpg`, world());
      await append(datasetId, `${fatal}.jpg`, world());
    }
    expect(fatal).toBeGreaterThan(5);
    const others = Math.floor((fatal - 1) / 2);
    expect(await members(datasetId)).toHaveLength(fatal - 1 + others);
  });

  test('at once, each killed somewhere and tried again, have no gap and no duplicate', async () => {
    const datasetId = await newDataset();
    const persistent = async (fileName: string, seed: number) => {
      for (let attempt = 0; attempt < 4; attempt++) {
        const { deps } = failingAtCall(world(), ['datasets', 'samples'], 2 + ((seed * 7 + attempt * 3) % 11));
        const added = await append(datasetId, fileName, deps).catch((error: unknown) => error);
        if (!(added instanceof Killed)) return;
      }
      await append(datasetId, fileName, world());
    };
    const tasks = Array.from({ length: 80 }, (_, at) => ({ fileName: `${at % 40}.jpg`, at }));
    await pMap(tasks, ({ fileName, at }) => persistent(fileName, at), { concurrency: 8 });
    expect(await members(datasetId)).toHaveLength(40);
  });

  test('wait for a run; what it writes at their index is its own, and they come behind it', async () => {
    const datasetId = await newDataset();
    const { datasets, samples } = world();
    await append(datasetId, 'first.jpg', world());
    const { deps } = failingAtCall(world(), ['datasets', 'samples'], 6);
    await expect(append(datasetId, 'late.jpg', deps)).rejects.toThrow(Killed);
    expect(await samples.get(datasetId, 1)).toMatchObject({ fileName: 'late.jpg' });
    const runId = newId();
    await datasets.lock(datasetId, runId);
    await expect(append(datasetId, 'late.jpg', world())).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await append(datasetId, 'first.jpg', world())).index).toBe(0);
    await samples.put([{ ...someSample(datasetId, 1), fileName: 'of-the-run.jpg', runId }]);
    await datasets.advance(datasetId, { sampleCount: 2, processedUntil: 5 });
    await datasets.unlock(datasetId, runId);
    expect((await append(datasetId, 'late.jpg', world())).index).toBe(2);
    expect(await members(datasetId)).toEqual(['first.jpg', 'of-the-run.jpg', 'late.jpg']);
  });

  test('take the place of what a failed run has left', async () => {
    const datasetId = await newDataset();
    const { samples } = world();
    await samples.put([0, 1, 2].map((index) => someSample(datasetId, index)));
    expect((await append(datasetId, 'image-2.jpg', world())).index).toBe(0);
    expect((await append(datasetId, 'image-0.jpg', world())).index).toBe(1);
    expect(await members(datasetId)).toEqual(['image-2.jpg', 'image-0.jpg']);
  });
});

describe('renaming a sample', () => {
  const rename = async (datasetId: string, index: number, fileName: string, deps = world()) =>
    renameSample((await world().samples.get(datasetId, index))!, fileName, deps);

  test('frees the old name and refuses one that is taken', async () => {
    const datasetId = await newDataset();
    for (const name of ['a.jpg', 'b.jpg']) await append(datasetId, name, world());
    await rename(datasetId, 0, 'c.jpg');
    await expect(rename(datasetId, 1, 'c.jpg')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await append(datasetId, 'a.jpg', world())).index).toBe(2);
    await expect(rename(datasetId, 0, 'a.jpg')).rejects.toMatchObject({ code: 'CONFLICT' });
    await rename(datasetId, 0, 'c.jpg');
    expect(await members(datasetId)).toEqual(['c.jpg', 'b.jpg', 'a.jpg']);
  });

  test('that was killed anywhere is completed by the next try', async () => {
    const datasetId = await newDataset();
    await append(datasetId, '0.jpg', world());
    let fatal = 1;
    for (let alive = false; !alive; fatal++) {
      const { deps } = failingAtCall(world(), ['datasets', 'samples'], fatal);
      const one = rename(datasetId, 0, `${fatal}.jpg`, deps).catch((error: unknown) => error);
      alive = !((await one) instanceof Killed);
      await rename(datasetId, 0, `${fatal}.jpg`);
      expect(await members(datasetId)).toEqual([`${fatal}.jpg`]);
    }
    expect(fatal).toBeGreaterThan(4);
  });

  test('at the same time as others add the name leaves one sample with it', async () => {
    const datasetId = await newDataset();
    for (let at = 0; at < 8; at++) await append(datasetId, `${at}.jpg`, world());
    for (let round = 0; round < 6; round++) {
      const fileName = `new-${round}.jpg`;
      await Promise.allSettled([
        rename(datasetId, round, fileName),
        append(datasetId, fileName, world()),
        rename(datasetId, round + 1, fileName),
        append(datasetId, fileName, world()),
      ]);
      expect((await members(datasetId)).filter((name) => name === fileName)).toEqual([fileName]);
    }
  });

  test('waits for a run', async () => {
    const datasetId = await newDataset();
    await append(datasetId, 'a.jpg', world());
    await world().datasets.lock(datasetId, newId());
    await expect(rename(datasetId, 0, 'b.jpg')).rejects.toMatchObject({
      apiCode: 'ILLEGAL_ACTION_RESOURCE_IN_USE',
    });
    expect(await members(datasetId)).toEqual(['a.jpg']);
  });
});
