import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { RawSample } from '#contracts/items';
import { DEFAULT_SETTINGS } from '#contracts/settings';
import { datasourceOf } from '#platform/datasources/datasources';
import { NO_COUNTS } from '#platform/syncs/next-sync';
import { placeDigestOf } from '#platform/syncs/place-digest';
import { type DatasourceWorld, type MadeDataset, startDatasourceWorld } from '../support/datasource-world.ts';
import { newId, someRawSample } from '../support/documents.ts';

const LIST = 'get_list_of_raw_samples_from_datasource_by_dataset_id';
const DNC = 'get_divide_and_conquer_list_of_raw_samples_from_datasource_by_dataset_id';
/** Of the bucket's server, ms: objects that are put now were modified after it. */
const LONG_AGO = 1_000_000_000_000;

let world: DatasourceWorld;
let dataset: MadeDataset;
beforeAll(async () => {
  world = await startDatasourceWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  dataset = await world.newDataset();
  await compared(LONG_AGO);
});

/** The dataset's datasource was compared with the registry for the first time at `firstStartedAt`. */
async function compared(firstStartedAt: number): Promise<void> {
  const stored = await world.deps.datasets.get(dataset.path.datasetId);
  const at = firstStartedAt;
  await world.deps.syncs.replace({
    ...{ datasetId: stored!.id, version: 1, id: newId(), kind: 'compare', scope: {}, parts: [] },
    ...{
      placeDigest: placeDigestOf(datasourceOf(stored!, undefined, 'INPUT')),
      source: 'listing',
      state: 'DONE',
    },
    ...{ startedAt: at, lastProgressAt: at, finishedAt: at, firstStartedAt: at, firstFinishedAt: at },
    counts: NO_COUNTS,
  });
}

/** Registers an object as it is in the bucket. @param newAt Unix seconds */
async function register(fileName: string, newAt: number, change: Partial<RawSample> = {}): Promise<void> {
  const key = `${dataset.name}/${fileName}`;
  const head = await world.storage.s3.send(new HeadObjectCommand({ Bucket: world.landing, Key: key }));
  const state = someRawSample({
    ...{ datasetId: dataset.path.datasetId, fileName, bucket: world.landing, key, newAt: newAt * 1000 },
    ...{ eTag: head.ETag!.replaceAll('"', ''), lastModified: head.LastModified!.getTime() },
    ...(change as object),
  });
  await world.deps.rawSamples.write(state, { by: 'sequencer', sequencer: state.sequencer });
}
const names = async (query: { from?: number; to?: number; cursor?: string }) =>
  (await world.call(LIST, { path: dataset.path, query })).data.map(({ fileName }) => fileName);

describe('listings of a datasource that is compared with the registry', () => {
  test('have an image when it counts as new, some seconds after it was registered, and then once', async () => {
    await world.putInput(dataset, 'a.png');
    await register('a.png', 2_000);
    expect(await names({ from: 0, to: 2_004 })).toEqual([]);
    expect(await names({ from: 0, to: 2_005 })).toEqual(['a.png']);
    expect(await names({ from: 2_005, to: 3_000 })).toEqual(['a.png']);
    expect(await names({ from: 2_006, to: 3_000 })).toEqual([]);
  });

  test('leave out what is not registered as it is now, and what was there before have by its own time', async () => {
    await Promise.all(['new.png', 'replaced.png'].map((file) => world.putInput(dataset, file)));
    await register('replaced.png', 2_000, { eTag: 'of-another-one' });
    expect(await names({})).toEqual([]);
    dataset = await world.newDataset();
    await compared(Date.now() + 60_000);
    await world.putInput(dataset, 'before.png');
    expect(await names({})).toEqual(['before.png']);
  });

  test('have what is no image of the dataset when it was modified', async () => {
    const { datasetId } = dataset.path;
    const input = { ...DEFAULT_SETTINGS.input, exclude: ['notes/**'] };
    await world.deps.datasets.replaceSettings(datasetId, { ...DEFAULT_SETTINGS, input }, 0);
    await Promise.all(['notes/a.png', 'b.png'].map((file) => world.putInput(dataset, file)));
    expect(await names({})).toEqual(['notes/a.png']);
  });

  test('keep all of that in their parts', async () => {
    const files = Array.from({ length: 30 }, (_, at) => `img-${at + 10}.png`);
    await Promise.all(files.map((file) => world.putInput(dataset, file)));
    await Promise.all(files.slice(0, 20).map((file, at) => register(file, 2_000 + at)));
    const { cursors } = await world.call(DNC, {
      path: dataset.path,
      query: { dncShards: 3, from: 2_010, to: 2_014 },
    });
    const pages = await Promise.all(cursors.map((cursor) => names({ cursor })));
    expect(pages.flat()).toEqual(files.slice(5, 10));
  });

  test('are what a program reads range after range', async () => {
    const read = async (to: number) => {
      const { processedUntilTimestamp: until } = await world.call(
        'get_datasource_processed_until_timestamp_by_dataset_id',
        { path: dataset.path },
      );
      const found = await names({ from: until === 0 ? 0 : until + 1, to });
      const body = { processedUntilTimestamp: to };
      await world.call('update_datasource_processed_until_timestamp_by_dataset_id', {
        path: dataset.path,
        body,
      });
      return found;
    };
    await world.putInput(dataset, 'a.png');
    await register('a.png', 2_000);
    await world.putInput(dataset, 'late.png');
    expect(await read(2_010)).toEqual(['a.png']);
    await register('late.png', 2_011);
    expect(await read(2_015)).toEqual([]);
    expect(await read(2_020)).toEqual(['late.png']);
    expect(await read(2_030)).toEqual([]);
  });
});
