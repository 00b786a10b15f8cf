import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Dataset } from '#contracts/items';
import type { CompletionMessage, ExportMessage } from '#contracts/messages';
import { availabilityOf } from '#platform/samples/sample-availability';
import { UNAVAILABLE_TAG } from '#platform/tags/unavailable-tag';
import { fanOut } from '../../functions/complete/fan-out.ts';
import { followGoneImages } from '../../functions/reconcile/gone-images.ts';
import { type CompletedRun, completedRun, exportMessages } from '../support/completed-run.ts';
import { collect } from '../support/documents.ts';
import { exportAll, exportFiles, fileNamesIn, manifestIn } from '../support/export-files.ts';
import { recordedQueue } from '../support/recorded-queue.ts';
import { type RunWorld, startRunWorld } from '../support/run-world.ts';

const QUARTER = 15 * 60_000;

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

/** A run that was exported, and reconcile some time afterwards. */
async function exportedRun(settings: object = {}) {
  const completed = await completedRun(world, settings);
  await exportAll(await exportMessages(world, completed), world);
  const completeQueue = recordedQueue<CompletionMessage>();
  const clock = { now: (Math.floor(world.now() / QUARTER) + 1) * QUARTER };
  const deps = { ...world, completeQueue, now: () => clock.now };
  const names = (await collect(world.samples.range(completed.dataset.id, 0, 100))).map(
    ({ fileName }) => fileName,
  );
  /** A round: the stages behind do what it asks for. @returns the export messages */
  const round = async (): Promise<ExportMessage[]> => {
    await followGoneImages(completed.dataset, deps);
    await world.received('exportQueue');
    for (const { message } of completeQueue.take()) await fanOut(message, world);
    const messages = await world.received<ExportMessage>('exportQueue');
    await exportAll(messages, { ...world, now: () => clock.now });
    return messages;
  };
  return { ...completed, clock, names, round };
}

async function mark({ id }: Dataset, fileName: string, isAvailable: boolean): Promise<void> {
  const stored = (await world.rawSamples.get(id, fileName))!;
  const { order, ...others } = availabilityOf(stored);
  const later = { ...others, isAvailable, order: `${order}${isAvailable ? 'b' : 'a'}` };
  expect(await world.sampleAvailability.markAvailability(id, fileName, later)).toBe(true);
}
/** What the files of a folder of the exports name, each checked against its manifest. */
async function namesIn(completed: CompletedRun, folder: string) {
  const files = await exportFiles(world, completed, folder);
  const { files: entries, noLongerAvailable } = manifestIn(files);
  const names = entries.map(({ file, bytes }) => {
    expect(Buffer.byteLength(files.get(file) ?? '')).toBe(bytes);
    return fileNamesIn(file, files.get(file) ?? '').filter(Boolean);
  });
  expect(new Set(names.map(String)).size).toBe(1);
  return { names: names[0], gone: noLongerAvailable?.files };
}

test('images that go and come back: the tag and the exports of the newest run follow', async () => {
  const exported = await exportedRun();
  const { dataset, run, names, clock, round } = exported;
  const [first = '', second = ''] = names;
  expect(await round()).toEqual([]);

  await mark(dataset, first, false);
  const asked = await round();
  expect(asked.length).toBeGreaterThan(5);
  expect(await world.tags.findByName(dataset.id, UNAVAILABLE_TAG)).toMatchObject({ totSize: 1 });
  for (const folder of [run.id, 'latest']) {
    expect(await namesIn(exported, folder)).toEqual({ names: [second], gone: [first] });
  }
  // A message that comes again changes nothing, and neither does a round.
  const before = await exportFiles(world, exported, run.id);
  const [again] = asked;
  await exportAll([again!], { ...world, now: () => clock.now + 1 });
  expect(await round()).toEqual([]);
  expect(await exportFiles(world, exported, run.id)).toEqual(before);

  // As many as before are gone, and others; but not twice in a quarter of an hour.
  await mark(dataset, first, true);
  await mark(dataset, second, false);
  clock.now += QUARTER - 1;
  expect(await round()).toEqual([]);
  clock.now += 1;
  expect(await round()).not.toEqual([]);
  expect(await namesIn(exported, 'latest')).toEqual({ names: [first], gone: [second] });

  await mark(dataset, second, true);
  clock.now += QUARTER;
  await round();
  expect(await namesIn(exported, 'latest')).toEqual({ names, gone: undefined });
  expect(await world.tags.findByName(dataset.id, UNAVAILABLE_TAG)).toMatchObject({ totSize: 0 });
  clock.now += QUARTER;
  expect(await round()).toEqual([]);
});

test('a process that dies among the files: the manifest tells of whole files, and the next message completes it', async () => {
  const exported = await exportedRun({ exports: { formats: ['filenames', 'csv', 'coco'] } });
  const { dataset, run, names, clock } = exported;
  const [first = '', second = ''] = names;
  await mark(dataset, first, false);
  const message = { datasetId: dataset.id, runId: run.id, exportsBefore: clock.now };
  for (const queue of ['exportQueue', 'archiveQueue'] as const) await world.received(queue);
  await fanOut(message, world);
  expect(await world.received('archiveQueue')).toEqual([]);
  const [one, ...others] = await world.received<ExportMessage>('exportQueue');
  const later = { ...world, now: () => clock.now };
  const before = await exportFiles(world, exported, 'latest');
  await exportAll([one!], later);
  expect(await exportFiles(world, exported, 'latest')).toEqual(before);
  await exportAll(others, later);
  expect(await namesIn(exported, 'latest')).toEqual({ names: [second], gone: [first] });
});
