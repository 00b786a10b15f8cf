import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { NotFoundError, RetryableError } from '#contracts/errors';
import { reportV2 } from '#contracts/report-v2';
import { RUN_STATES } from '#contracts/run-states';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import { collect, newId, someFacts } from '../support/documents.ts';
import { outcomeOf, runOf } from '../support/run-outcome.ts';
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

const CORRUPT = { code: 'CORRUPT', reason: 'premature end of JPEG' } as const;
const PDF = { code: 'UNSUPPORTED_FORMAT', reason: 'a PDF' } as const;

/** A run over four images, a copy, a corrupt file and a PDF. */
async function carriedOutRun() {
  const dataset = await newDataset(world);
  for (const content of [3, 1, 2, 4]) await addImage(world, dataset, `${content}.jpg`, content);
  await addImage(world, dataset, 'a copy, of "1".jpg', 1, { lastModified: 1_800_000_000_000 });
  await addRefused(world, dataset, 'broken.jpg', CORRUPT);
  await addRefused(world, dataset, 'notes.pdf', PDF);
  const message = await scheduleRun(world, dataset);
  await carryOutRun(message, world);
  return { dataset, message };
}

describe('a run', () => {
  test('reads what is pending, selects, tags, settles and completes', async () => {
    const { dataset, message } = await carriedOutRun();
    const outcome = await outcomeOf(world, message.scheduledId);
    expect(outcome).toMatchObject({ state: 'COMPLETED', scheduled: 'DONE', isLocked: false, pending: [] });
    expect(outcome.samples.map(({ index, selection }) => [index, selection?.step])).toEqual([
      [0, 0],
      [1, 1],
    ]);
    const chosen = outcome.samples.map(({ fileName }) => fileName);
    expect(outcome.tags).toEqual([
      { totSize: 2, fileNames: chosen },
      { totSize: 2, fileNames: chosen },
    ]);
    const { run } = await runOf(world, message.scheduledId);
    expect(run.tagName).toBe((await world.tags.listHeaders(dataset.id))[0]?.name);
    expect(run.tagName).toMatch(/^\d{8}_\d\dh\d\dm\d\ds$/);
    expect(await world.received('completionQueue')).toEqual([{ datasetId: dataset.id, runId: run.id }]);
    expect((await world.datasets.get(dataset.id))?.processedUntil).toBe(run.cutoff);
  });

  test('passes through its states in order and leaves its artifacts', async () => {
    const { message } = await carriedOutRun();
    const { run, artifacts } = await runOf(world, message.scheduledId);
    const states = run.messages.map(({ state }) => RUN_STATES.indexOf(state));
    expect(states).toEqual(states.toSorted((a, b) => a - b));
    expect(run.messages.at(-1)).toMatchObject({
      state: 'COMPLETED',
      message: `2 samples are in tag '${run.tagName}'.`,
    });
    expect(artifacts.get('selection.csv')?.toString()).toContain(
      '"a copy, of ""1"".jpg",duplicate,The same bytes as 1.jpg.,,,,\r\nbroken.jpg,corrupt,CORRUPT: premature end of JPEG,,,,',
    );
    expect(JSON.parse(String(artifacts.get('corruptness_check_information.json')))).toEqual({
      corrupt_samples: { 'broken.jpg': 'CORRUPT: premature end of JPEG' },
      corrupt_videos: {},
    });
    const report = reportV2.parse(JSON.parse(String(artifacts.get('report_v2.json'))));
    expect(report.generalInformation.datasetInformation.datasetSizes).toMatchObject({
      nInput: 7,
      nCorrupt: 1,
      nDuplicate: 1,
      nRemoved: 3,
      nSelected: 2,
    });
    expect(String(artifacts.get('memlog.txt'))).toMatch(/SAMPLING resident=\d+\.\dMiB/);
    for (const record of await world.artifacts.list(run.id)) {
      const bytes = artifacts.get(record.fileName) ?? Buffer.alloc(0);
      expect(record).toMatchObject({
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      });
    }
    expect(artifacts.size).toBe(12);
  });

  test('is the same however often its message comes', async () => {
    const dataset = await newDataset(world);
    for (const content of [1, 2, 3]) await addImage(world, dataset, `${content}.jpg`, content);
    const message = await scheduleRun(world, dataset);
    await carryOutRun(message, world);
    const [outcome, before] = [
      await outcomeOf(world, message.scheduledId),
      await runOf(world, message.scheduledId),
    ];
    await carryOutRun(message, world);
    await carryOutRun(message, world);
    expect(await outcomeOf(world, message.scheduledId)).toEqual(outcome);
    expect((await runOf(world, message.scheduledId)).artifacts).toEqual(before.artifacts);
  });

  test('is carried out by one of three deliveries at once; the others come back and find it done', async () => {
    const dataset = await newDataset(world);
    for (const content of [1, 2, 3]) await addImage(world, dataset, `${content}.jpg`, content);
    const message = await scheduleRun(world, dataset);
    const deliver = () => carryOutRun(message, world);
    const deliveries = await Promise.allSettled([deliver(), deliver(), deliver()]);
    const failures = deliveries.flatMap((delivery) =>
      delivery.status === 'rejected' ? delivery.reason : [],
    );
    expect(failures).toHaveLength(2);
    for (const failure of failures) expect(failure).toBeInstanceOf(RetryableError);
    const outcome = await outcomeOf(world, message.scheduledId);
    expect(outcome).toMatchObject({ state: 'COMPLETED', pending: [], scheduled: 'DONE', isLocked: false });
    await Promise.all([deliver(), deliver()]);
    expect(await outcomeOf(world, message.scheduledId)).toEqual(outcome);
  });

  test('completes without a tag where there is nothing to select', async () => {
    const dataset = await newDataset(world);
    await addRefused(world, dataset, 'notes.pdf', PDF);
    const message = await scheduleRun(world, dataset);
    await carryOutRun(message, world);
    expect(await outcomeOf(world, message.scheduledId)).toMatchObject({
      state: 'COMPLETED',
      samples: [],
      tags: [],
      pending: [],
    });
    const { run } = await runOf(world, message.scheduledId);
    expect(run.tagName).toBeUndefined();
    expect(run.messages.at(-1)?.message).toContain('Nothing was selected, so there is no tag');
  });

  test('that nobody scheduled is an error', async () => {
    const dataset = await newDataset(world);
    const message = await scheduleRun(world, dataset);
    await expect(carryOutRun({ ...message, scheduledId: newId() }, world)).rejects.toThrow(NotFoundError);
    await expect(carryOutRun({ ...message, datasetId: newId() }, world)).rejects.toThrow(NotFoundError);
  });
});

describe('a second run', () => {
  test('adds to the datapool: initial-tag grows, its own tag holds what is new and is the newest', async () => {
    const dataset = await newDataset(world);
    for (const content of [1, 2, 3]) await addImage(world, dataset, `${content}.jpg`, content);
    const first = await scheduleRun(world, dataset);
    await carryOutRun(first, world);
    const before = await outcomeOf(world, first.scheduledId);
    const [refreshed = '', kept = ''] = before.samples.map(({ fileName }) => fileName);

    await addImage(world, dataset, '7.jpg', 7);
    await addImage(world, dataset, 'same as a sample.jpg', Number.parseInt(kept, 10));
    await addImage(world, dataset, refreshed, 9);
    world.clock.at += 1_000;
    const second = await scheduleRun(world, dataset);
    await carryOutRun(second, world);

    const after = await outcomeOf(world, second.scheduledId);
    expect(after.samples.map(({ fileName }) => fileName)).toEqual([refreshed, kept, '7.jpg']);
    expect(after.tags).toEqual([
      { totSize: 1, fileNames: ['7.jpg'] },
      before.tags[0],
      { totSize: 3, fileNames: [refreshed, kept, '7.jpg'] },
    ]);
    expect(after.selection).toContain(`same as a sample.jpg,duplicate,The same bytes as ${kept}.`);
    expect(after.selection).toContain(`${refreshed},refreshed,`);
    const [sample] = await collect(world.samples.range(dataset.id, 0, 1));
    expect(sample).toMatchObject({ eTag: 'e9', runId: (await runOf(world, first.scheduledId)).run.id });
    expect(sample?.facts?.sha256).toBe(someFacts(9).sha256);
    const { artifacts } = await runOf(world, second.scheduledId);
    const report = JSON.parse(String(artifacts.get('report_v2.json')));
    expect(report.generalInformation.datasetInformation.datasetSizes).toMatchObject({
      nInput: 2,
      nSelected: 1,
      nPreselectedDatapool: 2,
      nSelectedWithDatapool: 3,
    });
  });

  test('without useDatapool is ABORTED while the dataset has samples, and its images stay for the next', async () => {
    const dataset = await newDataset(world);
    await addImage(world, dataset, '1.jpg', 1);
    await carryOutRun(await scheduleRun(world, dataset), world);
    await addImage(world, dataset, '2.jpg', 2);
    const message = await scheduleRun(world, dataset, { docker: { useDatapool: false } });
    await carryOutRun(message, world);
    expect(await outcomeOf(world, message.scheduledId)).toMatchObject({
      state: 'ABORTED',
      scheduled: 'DONE',
      isLocked: false,
      pending: ['2.jpg'],
    });
    expect(String((await runOf(world, message.scheduledId)).artifacts.get('log.txt'))).toContain(
      'ABORTED The dataset has 1 samples from earlier runs.',
    );
  });

  test('of the same second gets a tag name of its own', async () => {
    const dataset = await newDataset(world);
    const names: (string | undefined)[] = [];
    const second = Math.ceil(world.clock.at / 1_000) * 1_000;
    for (const content of [1, 2]) {
      world.clock.at = second;
      await addImage(world, dataset, `${content}.jpg`, content);
      const message = await scheduleRun(world, dataset);
      await carryOutRun(message, world);
      names.push((await runOf(world, message.scheduledId)).run.tagName);
    }
    expect(names[1]).toBe(`${names[0]}_2`);
  });

  test('with processAll reads again what was not selected', async () => {
    const dataset = await newDataset(world);
    for (const content of [1, 2, 3, 4]) await addImage(world, dataset, `${content}.jpg`, content);
    await carryOutRun(await scheduleRun(world, dataset), world);
    const message = await scheduleRun(world, dataset, { docker: { datasource: { processAll: true } } });
    await carryOutRun(message, world);
    const { samples } = await outcomeOf(world, message.scheduledId);
    expect(samples.map(({ fileName }) => fileName).toSorted()).toEqual(['1.jpg', '2.jpg', '3.jpg', '4.jpg']);
  });
});

describe('images that arrive while a run is under way', () => {
  test('stay pending for the next one, new uploads of its candidates too', async () => {
    const dataset = await newDataset(world);
    for (const content of [1, 2]) await addImage(world, dataset, `${content}.jpg`, content);
    const message = await scheduleRun(world, dataset);
    const samples = {
      ...world.samples,
      put: async (written: Parameters<typeof world.samples.put>[0]) => {
        await addImage(world, dataset, '1.jpg', 11);
        await addImage(world, dataset, 'late.jpg', 5);
        await world.samples.put(written);
      },
    };
    await carryOutRun(message, { ...world, samples });
    expect((await outcomeOf(world, message.scheduledId)).pending).toEqual(['1.jpg', 'late.jpg']);
  });
});
