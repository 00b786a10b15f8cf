import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Dataset, RawSample } from '#contracts/items';
import { availabilityOf } from '#platform/samples/sample-availability';
import { maintainUnavailableTag, UNAVAILABLE_TAG } from '#platform/tags/unavailable-tag';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import { completedRun, exportMessages } from '../support/completed-run.ts';
import { collect } from '../support/documents.ts';
import { exportAll, exportFiles, fileNamesIn, manifestIn } from '../support/export-files.ts';
import { addImage, newDataset, type RunWorld, scheduleRun, startRunWorld } from '../support/run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

/** The image was deleted, as ingest hears of it. */
async function deleteImage({ id }: Dataset, fileName: string): Promise<RawSample> {
  const stored = (await world.rawSamples.get(id, fileName))!;
  const { datasetId, bucket, key, eTag, size, lastModified } = stored;
  const sequencer = 'f'.padStart(stored.sequencer.length, '0');
  const base = { datasetId, fileName, bucket, key, eTag, size, lastModified, sequencer };
  const gone: RawSample = { ...base, registeredAt: world.now(), pending: false, state: 'deleted' };
  await world.rawSamples.write(gone, { by: 'sequencer', sequencer });
  await world.sampleAvailability.markAvailability(id, fileName, availabilityOf(gone));
  return gone;
}
const namesOf = async ({ id }: Dataset) =>
  (await collect(world.samples.range(id, 0, 100))).map(({ fileName }) => fileName);
const unavailableTag = async ({ id }: Dataset) => {
  const header = await world.tags.findByName(id, UNAVAILABLE_TAG);
  return header && world.tags.get(id, header.id);
};

describe('samples whose image is gone', () => {
  test('are in no export, and the manifest names them', async () => {
    const completed = await completedRun(world);
    const { dataset, run } = completed;
    const [gone = '', stays] = await namesOf(dataset);
    await deleteImage(dataset, gone);
    await exportAll(await exportMessages(world, completed), world);
    const files = await exportFiles(world, completed, run.id);
    const manifest = manifestIn(files);
    expect(manifest.noLongerAvailable).toEqual({ count: 1, archived: 0, files: [gone] });
    expect(manifest.files.length).toBeGreaterThan(5);
    for (const { file, rows } of manifest.files) {
      expect({ file, rows, names: fileNamesIn(file, files.get(file) ?? '') }).toEqual({
        ...{ file, rows: 1, names: [stays] },
      });
    }
  });

  test('or in an archive are in none either, and the manifest counts them', async () => {
    const completed = await completedRun(world, { exports: { formats: ['filenames'] } });
    const { dataset, run } = completed;
    const [name = '', stays] = await namesOf(dataset);
    const stored = (await world.rawSamples.get(dataset.id, name))!;
    const archived = { ...stored, state: 'archived', registeredAt: world.now() } as RawSample;
    await world.sampleAvailability.markAvailability(dataset.id, name, availabilityOf(archived));
    await exportAll(await exportMessages(world, completed), world);
    const files = await exportFiles(world, completed, run.id);
    expect(manifestIn(files).noLongerAvailable).toEqual({ count: 1, archived: 1, files: [name] });
    expect(fileNamesIn('filenames.txt', files.get('filenames.txt') ?? '')).toEqual([stays]);
  });

  test('of which there are none, the manifest says nothing', async () => {
    const completed = await completedRun(world, { exports: { formats: ['filenames'] } });
    await exportAll(await exportMessages(world, completed), world);
    const manifest = manifestIn(await exportFiles(world, completed, completed.run.id));
    expect(manifest).not.toHaveProperty('noLongerAvailable');
  });

  test('are marked by the run during which their image was deleted, and are in a tag', async () => {
    const dataset = await newDataset(world);
    for (const content of [1, 2, 3, 4]) await addImage(world, dataset, `${content}.jpg`, content);
    const message = await scheduleRun(world, dataset);
    let deleted = '';
    const samples: RunWorld['samples'] = {
      ...world.samples,
      put: async (written) => {
        // The last moment at which nobody knows the sample.
        deleted ||= written[0]?.fileName ?? '';
        await deleteImage(dataset, deleted);
        await world.samples.put(written);
      },
    };
    await carryOutRun(message, { ...world, samples });
    expect(await world.sampleAvailability.countUnavailable(dataset.id)).toBe(1);
    const [first] = await collect(world.sampleAvailability.listUnavailable(dataset.id));
    expect(first?.fileName).toBe(deleted);
    const bitMaskData = `0x${(1 << first!.index).toString(16)}`;
    expect(await unavailableTag(dataset)).toMatchObject({ bitMaskData, totSize: 1 });
    const [newest] = await world.tags.listHeaders(dataset.id);
    expect(newest?.name).not.toBe(UNAVAILABLE_TAG);
  });

  test('leave the tag when their image is back, and a tag of that name by somebody else alone', async () => {
    const { dataset } = await completedRun(world);
    const [gone = ''] = await namesOf(dataset);
    const state = await deleteImage(dataset, gone);
    await maintainUnavailableTag(dataset.id, world);
    expect(await unavailableTag(dataset)).toMatchObject({ bitMaskData: '0x1', totSize: 1 });
    const back = { ...availabilityOf(state), isAvailable: true, order: `${availabilityOf(state).order}1` };
    await world.sampleAvailability.markAvailability(dataset.id, gone, back);
    await maintainUnavailableTag(dataset.id, world);
    await maintainUnavailableTag(dataset.id, world);
    expect(await unavailableTag(dataset)).toMatchObject({ bitMaskData: '0x0', totSize: 0 });

    const { dataset: other } = await completedRun(world);
    const [initial] = (await world.tags.listHeaders(other.id)).slice(-1);
    const own = { ...initial!, id: 'a'.repeat(24), name: UNAVAILABLE_TAG, prevTagId: initial!.id };
    await world.tags.create({ ...own, bitMaskData: '0x2', totSize: 1 });
    await deleteImage(other, (await namesOf(other))[0] ?? '');
    await maintainUnavailableTag(other.id, world);
    expect(await unavailableTag(other)).toMatchObject({ id: own.id, bitMaskData: '0x2' });
  });
});
