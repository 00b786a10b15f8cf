import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { recordScores } from '#platform/scores/record-scores';
import { datasetWithImages, entry, putLightly, resultOf } from '../support/given-files.ts';
import { addImage, type RunWorld, startRunWorld } from '../support/run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

const SCHEMA = {
  task_type: 'object-detection',
  categories: [
    { id: 0, name: 'car' },
    { id: 1, name: 'bus' },
  ],
};
const box = (category: number, score: number, probabilities?: readonly number[]) => ({
  category_id: category,
  score,
  bbox: [0, 0, 10, 10],
  ...(probabilities && { probabilities }),
});
const CARS = {
  'predictions/tasks.json': ['cars'],
  'predictions/cars/schema.json': SCHEMA,
  'predictions/cars/a.json': { predictions: [box(0, 0.9, [0.9, 0.1])] },
  'predictions/cars/b.json': { file_name: 'b.jpg', predictions: [box(0, 0.55, [0.55, 0.45]), box(0, 1)] },
  'predictions/cars/c.json': { predictions: [box(1, 0.8, [0.2, 0.8])] },
  'predictions/cars/d.json': { predictions: [] },
};
const IMAGES = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg'];

async function datasetWithCars() {
  const dataset = await datasetWithImages(world, IMAGES);
  await putLightly(world, dataset, CARS);
  return dataset;
}

describe('a run looks at the predictions of files', () => {
  const margin = { type: 'SCORES', task: 'cars', score: 'uncertainty_margin' };

  test('by the scores that it computes of them', async () => {
    const weights = entry(margin, { type: 'WEIGHTS' });
    const { chosen, state, states } = await resultOf(world, await datasetWithCars(), {
      strategies: [weights],
    });
    // Margins of uncertainty: 0.2, 0.9, 0.4 and 0.
    expect([state, chosen]).toEqual(['COMPLETED', ['b.jpg']]);
    expect(states).toEqual(
      expect.arrayContaining(['LOADING_PREDICTION', 'COMPUTING_ACTIVE_LEARNING_SCORES']),
    );
  });

  test('with a threshold on a score', async () => {
    const threshold = entry(margin, { type: 'THRESHOLD', threshold: 0.3, operation: 'BIGGER' });
    const diverse = entry({ type: 'EMBEDDINGS' }, { type: 'DIVERSITY' });
    const config = { nSamples: 5, strategies: [threshold, diverse] };
    expect((await resultOf(world, await datasetWithCars(), config)).chosen).toEqual(['b.jpg', 'c.jpg']);
  });

  test('by their classes', async () => {
    const input = { type: 'PREDICTIONS', task: 'cars', name: 'CLASS_DISTRIBUTION' };
    const balance = entry(input, { type: 'BALANCE', distribution: 'TARGET', target: { bus: 1 } });
    expect((await resultOf(world, await datasetWithCars(), { strategies: [balance] })).chosen).toEqual([
      'c.jpg',
    ]);
  });

  test('skips those that are not valid and says so', async () => {
    const dataset = await datasetWithCars();
    await putLightly(world, dataset, { 'predictions/cars/b.json': { predictions: [box(7, 0.5)] } });
    const weights = entry(margin, { type: 'WEIGHTS' });
    const { chosen, warnings } = await resultOf(world, dataset, { strategies: [weights] });
    expect(chosen).toEqual(['c.jpg']);
    expect(warnings).toEqual([
      expect.stringMatching(/predictions\/cars\/b.json: predictions.0: category_id 7/),
    ]);
  });

  test.each([
    ['all of them are invalid', { 'predictions/cars/a.json': '{' }, margin, /None of the 1 prediction files/],
    [
      'the task is unknown',
      {},
      { ...margin, task: 'dogs' },
      /no prediction task 'dogs'.*The dataset has: cars\./,
    ],
    [
      'the task has no such score',
      {},
      { ...margin, score: 'doubt' },
      /no score 'doubt'. It has: object_frequency/,
    ],
    [
      'the schema is not valid',
      { 'predictions/cars/schema.json': [] },
      margin,
      /cars\/schema.json is not valid/,
    ],
  ])('and fails where %s', async (_, files, input, reason) => {
    const dataset = await datasetWithImages(world, ['a.jpg']);
    const tasks = { 'predictions/tasks.json': ['cars'], 'predictions/cars/schema.json': SCHEMA };
    await putLightly(world, dataset, { ...tasks, ...files });
    const weights = entry(input, { type: 'WEIGHTS' });
    const { state, last, pending } = await resultOf(world, dataset, { strategies: [weights] });
    expect([state, pending]).toEqual(['FAILED', ['a.jpg']]);
    expect(last).toMatch(reason);
  });
});

describe('a run looks at custom metadata', () => {
  const METADATA = {
    'metadata/schema.json': [
      { name: 'Place', path: 'place', defaultValue: 'unknown', valueDataType: 'CATEGORICAL_STRING' },
      { name: 'Rain', path: 'weather.rain', defaultValue: 0, valueDataType: 'NUMERIC_FLOAT' },
    ],
    'metadata/a.json': { type: 'image', metadata: { place: 'Bern', weather: { rain: 9 } } },
    'metadata/b.json': { type: 'image', metadata: { place: 'Bern', weather: { rain: 7 } } },
    'metadata/c.json': { type: 'image', metadata: { place: 'Basel', weather: { rain: 5 } } },
  };
  const rain = { type: 'METADATA', key: 'weather.rain' };

  test('of files, by its numbers and by their defaults', async () => {
    const dataset = await datasetWithImages(world, ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg']);
    await putLightly(world, dataset, METADATA);
    const wet = entry(rain, { type: 'WEIGHTS' });
    const dry = entry(rain, { type: 'THRESHOLD', threshold: 8, operation: 'SMALLER' });
    expect((await resultOf(world, dataset, { strategies: [wet, dry] })).chosen).toEqual(['b.jpg']);
    const { chosen } = await resultOf(world, dataset, {
      docker: { datasource: { processAll: true } },
      nSamples: 3,
      strategies: [entry(rain, { type: 'THRESHOLD', threshold: 0, operation: 'SMALLER_EQUAL' })],
    });
    expect(chosen).toEqual(['b.jpg', 'd.jpg']);
  });

  test('by what it says of earlier samples, where a client has said it', async () => {
    const dataset = await datasetWithImages(world, ['a.jpg']);
    await putLightly(world, dataset, METADATA);
    const balance = entry({ type: 'METADATA', key: 'place' }, { type: 'BALANCE', distribution: 'UNIFORM' });
    await resultOf(world, dataset, { strategies: [balance] });
    // The file says Bern. What is said through the API goes over it, and makes Basel the place that is there already.
    await world.samples.update(dataset.id, 0, { customMetaData: { place: 'Basel' } });
    await addImage(world, dataset, 'b.jpg', 2);
    await addImage(world, dataset, 'c.jpg', 3);
    expect((await resultOf(world, dataset, { strategies: [balance] })).chosen).toEqual(['a.jpg', 'b.jpg']);
  });
});

describe('a run looks at what clients have posted', () => {
  test('as predictions for earlier samples', async () => {
    const dataset = await datasetWithImages(world, ['a.jpg']);
    await putLightly(world, dataset, CARS);
    const input = { type: 'PREDICTIONS', task: 'cars', name: 'CATEGORY_COUNT' };
    const balance = entry(input, { type: 'BALANCE', distribution: 'UNIFORM' });
    await resultOf(world, dataset, { strategies: [balance] });
    const task = { name: 'cars', type: 'OBJECT_DETECTION' as const, categories: SCHEMA.categories };
    await world.predictions.putTask(dataset.id, task, 1);
    const bus = {
      type: 'OBJECT_DETECTION' as const,
      taskName: 'cars',
      categoryId: 1,
      score: 1,
      bbox: [0, 0, 1, 1],
    };
    // By its file there is a car in a.jpg already.
    await world.predictions.put(dataset.id, { index: 0, taskName: 'cars', singletons: [bus] }, 1);
    await addImage(world, dataset, 'b.jpg', 2);
    await addImage(world, dataset, 'c.jpg', 3);
    expect((await resultOf(world, dataset, { strategies: [balance] })).chosen).toEqual(['a.jpg', 'b.jpg']);
  });

  test('but not where their schema says something else than the file', async () => {
    const dataset = await datasetWithCars();
    const categories = SCHEMA.categories.toReversed();
    await world.predictions.putTask(dataset.id, { name: 'cars', type: 'OBJECT_DETECTION', categories }, 1);
    const weights = entry({ type: 'SCORES', task: 'cars', score: 'object_frequency' }, { type: 'WEIGHTS' });
    const { state, last } = await resultOf(world, dataset, { strategies: [weights] });
    expect(state).toBe('FAILED');
    expect(last).toMatch(/Make the two schemas the same/);
  });

  test('as scores of a name of their own', async () => {
    const dataset = await datasetWithImages(world, ['a.jpg']);
    await resultOf(world, dataset, { strategies: [entry({ type: 'EMBEDDINGS' }, { type: 'DIVERSITY' })] });
    const given = { datasetId: dataset.id, sampleCount: 1, scoreType: 'novelty', values: [0.5] };
    await recordScores({ ...given, owner: { taskName: 'own' } }, world);
    await addImage(world, dataset, 'b.jpg', 2);
    const weights = entry({ type: 'SCORES', task: 'own', score: 'novelty' }, { type: 'WEIGHTS' });
    // No candidate has one; that is for the selection to say, and no reason to fail.
    expect(await resultOf(world, dataset, { strategies: [weights] })).toMatchObject({ state: 'COMPLETED' });
    const unknown = entry({ type: 'SCORES', task: 'own', score: 'other' }, { type: 'WEIGHTS' });
    expect((await resultOf(world, dataset, { strategies: [unknown] })).last).toMatch(
      /no prediction task 'own'/,
    );
  });
});
