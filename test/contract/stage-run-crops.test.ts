import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { InvalidInputError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { RunMessage } from '#contracts/messages';
import type { Sample } from '#contracts/samples';
import { decodeImage } from '#imaging/decode-image';
import { indexesOfMask } from '#platform/tags/bit-mask';
import { NO_LIMITS } from '#worker/crops/embed-crops';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import type { RunDeps } from '../../functions/run/run-deps.ts';
import { BY_TILES, cropsOf } from '../support/crop-datasets.ts';
import { collect } from '../support/documents.ts';
import { putLightly } from '../support/given-files.ts';
import { addPhoto, datasetWithPhotos } from '../support/photographed-dataset.ts';
import { runOf } from '../support/run-outcome.ts';
import { newDataset, type RunWorld, scheduleRun, startRunWorld } from '../support/run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

async function carriedOut(parent: Dataset, config: Parameters<typeof scheduleRun>[2]): Promise<RunMessage> {
  const message = await scheduleRun(world, parent, config);
  await carryOutRun(message, world);
  return message;
}

describe('tiles of the images that a run selects', () => {
  test('become samples of a dataset of crops, with their images, thumbnails and tags', async () => {
    const parent = await datasetWithPhotos(world, 4);
    const { scheduledId } = await carriedOut(parent, { selection: BY_TILES });
    const { run } = await runOf(world, scheduledId);
    expect(run.messages.map(({ state }) => state)).toEqual(
      expect.arrayContaining(['INITIALIZING_OBJECT_CROPS', 'EMBEDDING_OBJECT_CROPS', 'COMPLETED']),
    );
    const parents = await collect(world.samples.range(parent.id, 0, 10));
    const { dataset, samples } = (await cropsOf(world, parent))!;
    expect(dataset).toMatchObject({
      ...{ type: 'Crops', name: `${parent.name} quarters crops`, sampleCount: 8 },
      ...{ userId: parent.userId, parentDatasetId: parent.id },
    });
    expect(dataset.lockedBy).toBeUndefined();
    expect(samples.map(({ fileName, cropData }) => [fileName, cropData?.parentId])).toEqual(
      parents.flatMap(({ id, fileName }) => [0, 1, 2, 3].map((tile) => [`${fileName}-00${tile}.png`, id])),
    );
    expect(samples[5]).toMatchObject({
      ...{ type: 'CROP', index: 5, datasetId: dataset.id },
      facts: { width: 120, height: 80, format: 'png' },
      cropData: { predictionIndex: 1, predictionTaskName: 'quarters', predictionTaskScore: 1 },
    });
    const [image, thumbnail] = [
      await imageOf(samples[5]!),
      await world.objects.head(thumbnailOf(dataset, samples[5]!)),
    ];
    expect(image).toMatchObject({ width: 120, height: 80 });
    expect(thumbnail?.size).toBeGreaterThan(0);
    const tags = await collect(world.tags.list(dataset.id));
    expect(tags.map(({ bitMaskData }) => [...indexesOfMask(bitMaskData)].length)).toEqual([8, 8]);
  });

  test('of the next run are added to those of the first', async () => {
    const parent = await datasetWithPhotos(world, 3);
    await carriedOut(parent, { selection: BY_TILES });
    for (const scene of [7, 8]) await addPhoto(world, parent, `later-${scene}.jpg`, scene);
    await carriedOut(parent, { selection: BY_TILES });
    const { dataset, samples } = (await cropsOf(world, parent))!;
    expect(dataset.sampleCount).toBe(16);
    expect(new Set(samples.map(({ fileName }) => fileName)).size).toBe(16);
    expect(samples.at(-1)?.fileName).toMatch(/^later-\d.jpg-003.png$/);
  });

  test.each([
    ['crops are switched off', { crops: { enableUpload: false } }],
    ['another task is named', { crops: { enableUploadForTasks: ['cars'] } }],
  ])('are not kept where %s', async (_, docker) => {
    const parent = await datasetWithPhotos(world, 3);
    const { scheduledId } = await carriedOut(parent, { docker, selection: BY_TILES });
    expect((await runOf(world, scheduledId)).run.state).toBe('COMPLETED');
    expect(await cropsOf(world, parent)).toBeUndefined();
  });

  test('of an image that is gone are missing, and the log says so', async () => {
    const parent = await datasetWithPhotos(world, 3);
    await world.objects.delete(world.platformBucket, [`${parent.landingFolder.prefix}1.jpg`]);
    const { scheduledId } = await carriedOut(parent, { selection: { ...BY_TILES, nSamples: 3 } });
    const { run, artifacts } = await runOf(world, scheduledId);
    expect(run.state).toBe('COMPLETED');
    const lines = await world.runLogs.read(run.id, 0, 1_000);
    expect(lines.filter(({ level }) => level === 'WARNING').map(({ msg }) => msg)).toEqual([
      "1 images are not there any more or can't be read, and have no object crops: 1.jpg.",
      "No object crops of '1.jpg' were kept: it or its embedding model is gone, or can't be read.",
    ]);
    expect(artifacts.get('selection.csv')?.toString()).toContain('1.jpg,selected');
    expect((await cropsOf(world, parent))?.dataset.sampleCount).toBe(8);
  });

  type Open = RunDeps['datasetImages']['open'];

  /** Carries the run out; from when it writes its samples on, its images are read and described so. */
  async function withImagesOfSaving(
    message: RunMessage,
    saving: { readonly open?: Open; readonly models?: RunDeps['models'] },
    others = {},
  ) {
    let isSaving = false;
    const put: RunDeps['samples']['put'] = async (written) => {
      isSaving = true;
      await world.samples.put(written);
    };
    const open: Open = (...image) => ((isSaving && saving.open) || world.datasetImages.open)(...image);
    const models: RunDeps['models'] = (name) => ((isSaving && saving.models) || world.models)(name);
    const datasetImages = { ...world.datasetImages, open };
    const samples = { ...world.samples, put };
    await carryOutRun(message, { ...world, samples, datasetImages, models, ...others });
  }

  test('are kept all the same where somebody asks to cancel the run meanwhile', async () => {
    const parent = await datasetWithPhotos(world, 2);
    const message = await scheduleRun(world, parent, { selection: BY_TILES });
    let isNoticed = false;
    const get: RunDeps['scheduledRuns']['get'] = async (scheduledId) => {
      const scheduled = await world.scheduledRuns.get(scheduledId);
      isNoticed ||= scheduled?.cancelRequested === true;
      return scheduled;
    };
    const open: Open = async (...image) => {
      await world.scheduledRuns.cancel(message.scheduledId, world.now());
      world.beat();
      while (!isNoticed) await new Promise((resolve) => setImmediate(resolve));
      return world.datasetImages.open(...image);
    };
    await withImagesOfSaving(message, { open }, { scheduledRuns: { ...world.scheduledRuns, get } });
    expect((await runOf(world, message.scheduledId)).run.state).toBe('COMPLETED');
    expect((await cropsOf(world, parent))?.dataset.sampleCount).toBe(8);
  });

  test('are missing where the model is gone that has described their images, and the run is completed', async () => {
    const message = await scheduleRun(world, await datasetWithPhotos(world, 1), { selection: BY_TILES });
    const models = () => Promise.reject(new InvalidInputError('There is no such model.'));
    await withImagesOfSaving(message, { models });
    const { run } = await runOf(world, message.scheduledId);
    expect(run.state).toBe('COMPLETED');
    const lines = await world.runLogs.read(run.id, 0, 1_000);
    expect(lines.map(({ msg }) => msg)).toContainEqual(expect.stringContaining('embedding model is gone'));
  });

  test('are left out where their name belongs to another dataset', async () => {
    const parent = await datasetWithPhotos(world, 2);
    const name = `${parent.name} quarters crops`;
    const other = await newDataset(world);
    await world.datasets.ensure(name, (id) => ({ ...other, id, name }));
    const { scheduledId } = await carriedOut(parent, { selection: BY_TILES });
    const { run } = await runOf(world, scheduledId);
    expect(run.state).toBe('COMPLETED');
    const lines = await world.runLogs.read(run.id, 0, 1_000);
    expect(lines.find(({ level }) => level === 'WARNING')?.msg).toContain(
      `another dataset is called '${name}'`,
    );
  });
});

describe('the objects that were predicted', () => {
  const box = (category: number, score: number, bbox: readonly number[]) => ({
    ...{ category_id: category, score, bbox },
  });
  const CARS = {
    'predictions/tasks.json': ['cars'],
    'predictions/cars/schema.json': {
      task_type: 'object-detection',
      categories: [
        { id: 0, name: 'car' },
        { id: 4, name: 'bus' },
      ],
    },
    'predictions/cars/0.json': {
      predictions: [
        box(4, 0.9, [10, 20, 40, 30]),
        box(0, 0.5, [230, 150, 40, 40]),
        box(0, 0.4, [500, 0, 9, 9]),
      ],
    },
    'predictions/cars/1.json': { predictions: [] },
    'predictions/cars/2.json': { predictions: [box(0, 1, [100, 50, 60, 60])] },
  };

  test('decide what is chosen, with padding, and are kept with what was predicted', async () => {
    const parent = await datasetWithPhotos(world, 3);
    await putLightly(world, parent, CARS);
    const name = `objects of ${parent.name}`;
    const objectLevel = { taskName: 'cars', padding: 0.5, cropDatasetName: name };
    const { scheduledId } = await carriedOut(parent, { docker: { objectLevel } });
    expect((await runOf(world, scheduledId)).run.state).toBe('COMPLETED');
    const parents = await collect(world.samples.range(parent.id, 0, 10));
    expect(parents.map(({ fileName }) => fileName).toSorted()).toEqual(['0.jpg', '2.jpg']);
    const { dataset, samples } = (await cropsOf(world, parent))!;
    expect(dataset.name).toBe(name);
    const ofFirst = samples.filter(({ fileName }) => fileName.startsWith('0.jpg'));
    expect(ofFirst).toMatchObject([
      {
        fileName: '0.jpg-000.png',
        facts: { width: 70, height: 60 },
        cropData: {
          parentId: parents.find(({ fileName }) => fileName === '0.jpg')?.id,
          ...{ predictionIndex: 0, predictionTaskName: 'cars' },
          ...{ predictionTaskCategoryId: 4, predictionTaskScore: 0.9 },
        },
      },
      // The photos are 240 × 160: it is cut off at two borders.
      { fileName: '0.jpg-001.png', facts: { width: 30, height: 30 }, cropData: { predictionIndex: 1 } },
    ]);
  });
});

const thumbnailOf = ({ platformFolder }: Dataset, { thumbName }: Sample) => ({
  bucket: platformFolder.bucket,
  key: platformFolder.prefix + thumbName,
});

async function imageOf({ bucket, key }: Sample) {
  const found = await world.objects.open({ bucket, key });
  return decodeImage(await buffer(found!.body), NO_LIMITS);
}
