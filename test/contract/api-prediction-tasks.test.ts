import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PredictionTaskSchema } from '#contracts/predictions';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { CATEGORIES, datasetWithTasks, schemaOf } from '../support/predicted-dataset.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await startApiWorld();
});
afterAll(() => world.stop());

describe('prediction tasks', () => {
  it('are created, listed by name, and read by a name with slashes in it', async () => {
    const pose: PredictionTaskSchema = {
      name: 'models/v1/pose',
      type: 'KEYPOINT_DETECTION',
      categories: [{ id: 7, name: 'person', keypointNames: ['nose', 'eye'], keypointSkeleton: [[0, 1]] }],
    };
    const boxes = schemaOf('boxes');
    const { path } = await datasetWithTasks(world, 0, pose, boxes);
    expect(await world.call('get_prediction_task_schemas_by_dataset_id', { path })).toEqual({
      predictionUUIDTimestamp: 0,
      schemas: [boxes, pose],
    });
    const byName = { path: { ...path, taskName: 'models/v1/pose' } };
    expect(await world.call('get_prediction_task_schema_by_task_name', byName)).toEqual(pose);
  });

  it('keep their id when their schema is replaced', async () => {
    const { path } = await datasetWithTasks(world, 0);
    const create = (body: PredictionTaskSchema) =>
      world.call('create_or_update_prediction_task_schema_by_dataset_id', {
        path,
        query: { predictionUUIDTimestamp: 1_700_000_000_000 },
        body,
      });
    const first = await create(schemaOf('boxes'));
    const wider = { ...schemaOf('boxes'), categories: [...CATEGORIES, { id: 2, name: 'bird' }] };
    expect(await create(wider)).toEqual(first);
    const byName = { path: { ...path, taskName: 'boxes' } };
    expect(await world.call('get_prediction_task_schema_by_task_name', byName)).toEqual(wider);
  });

  it.each([
    ['id', [...CATEGORIES, { id: 0, name: 'bird' }]],
    ['name', [...CATEGORIES, { id: 2, name: 'cat' }]],
  ])('have categories of which no two have the same %s', async (field, categories) => {
    const { path } = await datasetWithTasks(world, 0);
    const body = { ...schemaOf('boxes'), categories };
    const { status, error } = await world.refused('create_or_update_prediction_task_schema_by_dataset_id', {
      path,
      body,
    });
    expect({ status, code: error.code }).toEqual({
      status: 400,
      code: 'PREDICTION_TASK_SCHEMA_CATEGORIES_NOT_UNIQUE',
    });
    expect(error.error).toContain(`categories[2].${field}`);
  });

  it.each([
    ['no name', schemaOf('')],
    ['a name that no key can hold', schemaOf('x'.repeat(600))],
    ['characters that no task has', schemaOf('boxes<script>')],
    ['a type that is none', { ...schemaOf('boxes'), type: 'GUESSING' }],
  ])('are refused with %s', async (_, body) => {
    const { path } = await datasetWithTasks(world, 0);
    const refusal = await world.refused('create_or_update_prediction_task_schema_by_dataset_id', {
      path,
      body,
    });
    expect(refusal.status).toBe(400);
  });

  it('that do not exist are not found', async () => {
    const { path } = await datasetWithTasks(world, 0);
    const { status, error } = await world.refused('get_prediction_task_schema_by_task_name', {
      path: { ...path, taskName: 'no/such' },
    });
    expect({ status, code: error.code }).toEqual({ status: 404, code: 'PREDICTION_TASK_SCHEMA_UNKNOWN' });
  });
});
