import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PredictionSingleton } from '#contracts/predictions';
import { sampleIdOf } from '#platform/samples/sample-id';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { datasetWithSamples } from '../support/dataset-with-samples.ts';
import { newId } from '../support/documents.ts';
import { boxOf, classOf, datasetWithTasks, schemaOf } from '../support/predicted-dataset.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await startApiWorld();
});
afterAll(() => world.stop());

describe('predictions of a sample', () => {
  it('are replaced for the tasks that a request names, and stay for the others', async () => {
    const { predict, predicted } = await datasetWithTasks(
      world,
      1,
      schemaOf('boxes'),
      schemaOf('kind', 'CLASSIFICATION'),
    );
    await predict(0, [boxOf('boxes', 0), classOf('kind', 1), boxOf('boxes', 1)]);
    expect(await predicted(0)).toEqual([boxOf('boxes', 0), boxOf('boxes', 1), classOf('kind', 1)]);
    await predict(0, [boxOf('boxes', 1)]);
    expect(await predicted(0)).toEqual([boxOf('boxes', 1), classOf('kind', 1)]);
  });

  it('are the same when a request is sent again', async () => {
    const { predict, predicted } = await datasetWithTasks(world, 1, schemaOf('boxes'));
    const first = await predict(0, [boxOf('boxes', 0)]);
    expect(await predict(0, [boxOf('boxes', 0)])).toEqual(first);
    expect(await predicted(0)).toEqual([boxOf('boxes', 0)]);
  });

  it('may be larger than an item of the table', async () => {
    const { predict, predicted } = await datasetWithTasks(
      world,
      1,
      schemaOf('masks', 'SEMANTIC_SEGMENTATION'),
    );
    const segmentation = Array.from({ length: 200_000 }, (_, at) => at % 1_000);
    const mask: PredictionSingleton = {
      type: 'SEMANTIC_SEGMENTATION',
      taskName: 'masks',
      categoryId: 0,
      score: 1,
      segmentation,
    };
    await predict(0, [mask]);
    expect(await predicted(0)).toEqual([mask]);
    await predict(0, [{ ...mask, segmentation: [1, 2] }]);
    expect(await predicted(0)).toEqual([{ ...mask, segmentation: [1, 2] }]);
  });

  it('are refused as a whole where one of them is of an unknown task', async () => {
    const { dataset, path, predicted } = await datasetWithTasks(world, 1, schemaOf('boxes'));
    const { status, error } = await world.refused('create_or_update_prediction_by_sample_id', {
      path: { ...path, sampleId: sampleIdOf(dataset.id, 0) },
      body: [boxOf('boxes', 0), boxOf('ghosts', 0)],
    });
    expect({ status, code: error.code }).toEqual({ status: 404, code: 'PREDICTION_TASK_SCHEMA_UNKNOWN' });
    expect(await predicted(0)).toEqual([]);
  });

  it.each([
    ['a category that its task does not have', [boxOf('boxes', 0), boxOf('boxes', 5)], '[1].categoryId'],
    ['another type than its task', [classOf('boxes', 0)], '[0].type'],
    ['a score above 1', [{ ...boxOf('boxes', 0), score: 1.5 }], '$[0].score'],
    ['a box of three numbers', [{ ...boxOf('boxes', 0), bbox: [1, 2, 3] }], '$[0].bbox'],
  ])('are refused with %s', async (_, body, field) => {
    const { dataset, path } = await datasetWithTasks(world, 1, schemaOf('boxes'));
    const { status, error } = await world.refused('create_or_update_prediction_by_sample_id', {
      path: { ...path, sampleId: sampleIdOf(dataset.id, 0) },
      body,
    });
    expect(status).toBe(400);
    expect(error.error).toContain(field);
  });

  it('belong to a sample of the dataset', async () => {
    const { dataset, path } = await datasetWithTasks(world, 1, schemaOf('boxes'));
    const other = await datasetWithSamples(world, 1);
    for (const sampleId of [sampleIdOf(dataset.id, 1), sampleIdOf(other.id, 0), newId(), '../../etc']) {
      for (const id of [
        'create_or_update_prediction_by_sample_id',
        'get_predictions_by_sample_id',
      ] as const) {
        const { status, error } = await world.refused(id, { path: { ...path, sampleId }, body: [] });
        expect({ status, code: error.code }).toEqual({ status: 404, code: 'SAMPLE_UNKNOWN' });
      }
    }
  });
});

describe('predictions of a dataset', () => {
  it('are one list for each sample, in the order of their indexes, empty where nothing is predicted', async () => {
    const { path, predict } = await datasetWithTasks(
      world,
      4,
      schemaOf('boxes'),
      schemaOf('kind', 'CLASSIFICATION'),
    );
    await predict(1, [boxOf('boxes', 0), classOf('kind', 0)]);
    await predict(2, [classOf('kind', 1)]);
    const list = (query: object) => world.call('get_predictions_by_dataset_id', { path, query });
    expect(await list({})).toEqual([[], [boxOf('boxes', 0), classOf('kind', 0)], [classOf('kind', 1)], []]);
    expect(await list({ pageSize: 2, pageOffset: 1 })).toEqual([
      [boxOf('boxes', 0), classOf('kind', 0)],
      [classOf('kind', 1)],
    ]);
    expect(await list({ pageSize: 2, pageOffset: 3 })).toEqual([[]]);
    expect(await list({ pageSize: 2, pageOffset: 4 })).toEqual([]);
    expect(await list({ taskName: 'kind' })).toEqual([[], [classOf('kind', 0)], [classOf('kind', 1)], []]);
  });

  it('come without masks and probabilities where they shall be lean', async () => {
    const { path, predict } = await datasetWithTasks(
      world,
      1,
      schemaOf('boxes'),
      schemaOf('masks', 'SEMANTIC_SEGMENTATION'),
    );
    const mask = { type: 'SEMANTIC_SEGMENTATION', taskName: 'masks', categoryId: 0, score: 1 } as const;
    await predict(0, [boxOf('boxes', 0), { ...mask, segmentation: [5, 6], probabilities: [1, 0] }]);
    const { probabilities: _, ...box } = boxOf('boxes', 0);
    expect(await world.call('get_predictions_by_dataset_id', { path, query: { lean: true } })).toEqual([
      [box, { ...mask, segmentation: [] }],
    ]);
  });

  it('of a task that does not exist are not found', async () => {
    const { path } = await datasetWithTasks(world, 1);
    const refusal = await world.refused('get_predictions_by_dataset_id', {
      path,
      query: { taskName: 'ghosts' },
    });
    expect({ status: refusal.status, code: refusal.error.code }).toEqual({
      status: 404,
      code: 'PREDICTION_TASK_SCHEMA_UNKNOWN',
    });
  });

  it('are nobody else’s', async () => {
    const { path, dataset } = await datasetWithTasks(world, 1, schemaOf('boxes'));
    const { token } = await world.addUser('predictions@example.org');
    for (const id of [
      'get_predictions_by_dataset_id',
      'get_prediction_task_schemas_by_dataset_id',
      'create_or_update_prediction_by_sample_id',
    ] as const) {
      const sampleId = sampleIdOf(dataset.id, 0);
      const { status } = await world.refused(id, { path: { ...path, sampleId }, body: [], token });
      expect({ id, status }).toEqual({ id, status: 403 });
    }
  });
});
