import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { addInitialTag, addTag, datasetWithSamples } from '../support/dataset-with-samples.ts';
import { newId } from '../support/documents.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await startApiWorld();
});
afterAll(() => world.stop());

/** Stands in JSON as it is. */
const rawJson = (text: string): unknown =>
  (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text);
const VALUES = [0.1 + 0.2, -1e-300, 5, 1.7976931348623157e308];

async function taggedDataset(samples: number, tagged: readonly number[]) {
  const dataset = await datasetWithSamples(world, samples);
  const tag = await addTag(world, await addInitialTag(world, dataset), tagged);
  const path = { datasetId: dataset.id, tagId: tag.id };
  const record = (scoreType: string, scores: number[]) =>
    world.call('create_or_update_active_learning_score_by_tag_id', { path, body: { scoreType, scores } });
  const read = (scoreId: string) =>
    world.call('get_active_learning_score_by_score_id', { path: { ...path, scoreId } });
  return { dataset, tag, path, record, read };
}

describe('scores of a tag', () => {
  it('are a number for each sample of the tag, which come back as they were sent', async () => {
    const { tag, record, read } = await taggedDataset(9, [0, 3, 4, 8]);
    const { id } = await record('uncertainty_margin', VALUES);
    expect(await read(id)).toMatchObject({
      id,
      tagId: tag.id,
      scoreType: 'uncertainty_margin',
      scores: VALUES,
    });
  });

  it('are listed by their types, the ones that were written last first', async () => {
    const { path, record } = await taggedDataset(3, [1, 2]);
    const margin = await record('uncertainty_margin', [1, 2]);
    const entropy = await record('uncertainty_entropy', [3, 4]);
    const list = async () =>
      (await world.call('get_active_learning_scores_by_tag_id', { path })).map(({ id }) => id);
    expect(await list()).toEqual([entropy.id, margin.id]);
    await record('uncertainty_margin', [5, 6]);
    expect(await list()).toEqual([margin.id, entropy.id]);
  });

  it('replace those of the same type and keep their id', async () => {
    const { record, read } = await taggedDataset(3, [1, 2]);
    const first = await record('uncertainty_margin', [1, 2]);
    expect(await record('uncertainty_margin', [3, 4])).toEqual(first);
    expect((await read(first.id)).scores).toEqual([3, 4]);
  });

  it.each([
    ['too few', [1]],
    ['too many', [1, 2, 3]],
    // JSON has no infinity, but a number may be written that becomes one.
    ['an infinite one', [1, rawJson('1e999')]],
  ])('can not be set where there are %s', async (_, scores) => {
    const { path } = await taggedDataset(3, [1, 2]);
    const body = { scoreType: 'margin', scores };
    const refusal = await world.refused('create_or_update_active_learning_score_by_tag_id', { path, body });
    expect({ status: refusal.status, code: refusal.error.code }).toEqual({
      status: 400,
      code: 'SCORES_CANNOT_BE_SET',
    });
  });

  it.each([
    ['no number', [1, null]],
    ['a text', [1, '2']],
    ['nothing', []],
  ])('are refused with %s', async (_, scores) => {
    const { path } = await taggedDataset(3, [1, 2]);
    const body = { scoreType: 'margin', scores };
    const { status } = await world.refused('create_or_update_active_learning_score_by_tag_id', {
      path,
      body,
    });
    expect(status).toBe(400);
  });

  it('belong to a tag of the dataset', async () => {
    const { dataset, record } = await taggedDataset(3, [1, 2]);
    const other = await taggedDataset(3, [1, 2]);
    const { id: scoreId } = await record('margin', [1, 2]);
    const body = { scoreType: 'margin', scores: [1, 2] };
    for (const tagId of [other.tag.id, newId()]) {
      for (const id of [
        'create_or_update_active_learning_score_by_tag_id',
        'get_active_learning_scores_by_tag_id',
        'get_active_learning_score_by_score_id',
      ] as const) {
        const { status, error } = await world.refused(id, {
          path: { datasetId: dataset.id, tagId, scoreId },
          body,
        });
        expect({ status, code: error.code }).toEqual({ status: 404, code: 'TAG_UNKNOWN' });
      }
    }
  });

  it('that do not exist are not found', async () => {
    const { path } = await taggedDataset(3, [1, 2]);
    const scoreId = newId();
    const { status, error } = await world.refused('get_active_learning_score_by_score_id', {
      path: { ...path, scoreId },
    });
    expect({ status, code: error.code }).toEqual({ status: 404, code: 'SCORE_UNKNOWN' });
  });
});

describe('scores of a task', () => {
  const recordOn = (datasetId: string, taskName: string, scores: number[], scoreType = 'objectness') =>
    world.call('create_or_update_active_learning_v2_score_by_dataset_id', {
      path: { datasetId },
      query: { taskName },
      body: { scoreType, scores },
    });

  it('are a number for each sample of the dataset, by task and type', async () => {
    const { id: datasetId } = await datasetWithSamples(world, 4);
    const { id: scoreId } = await recordOn(datasetId, 'models/v1', VALUES);
    await recordOn(datasetId, 'models/v2', [1, 2, 3, 4]);
    const path = { datasetId, scoreId };
    const found = await world.call('get_active_learning_v2_score_by_dataset_and_score_id', { path });
    const { createdAt } = found;
    const data = { id: scoreId, datasetId, taskName: 'models/v1', scoreType: 'objectness', createdAt };
    expect(found).toEqual({ ...data, predictionUUIDTimestamp: 0, scores: VALUES });
    const list = await world.call('get_active_learning_v2_scores_by_dataset_id', { path: { datasetId } });
    expect(list.map(({ taskName }) => taskName)).toEqual(['models/v2', 'models/v1']);
    expect(list[1]).toEqual({ ...data, predictionUUIDTimestamp: 0 });
  });

  it('replace those of the same task and type', async () => {
    const { id: datasetId } = await datasetWithSamples(world, 2);
    const first = await recordOn(datasetId, 'task', [1, 2]);
    expect(await recordOn(datasetId, 'task', [3, 4])).toEqual(first);
    expect((await recordOn(datasetId, 'task', [3, 4], 'entropy')).id).not.toBe(first.id);
    const path = { datasetId, scoreId: first.id };
    const { scores } = await world.call('get_active_learning_v2_score_by_dataset_and_score_id', { path });
    expect(scores).toEqual([3, 4]);
  });

  it('can not be set unless there is one for each sample', async () => {
    const { id: datasetId } = await datasetWithSamples(world, 2);
    const { status, error } = await world.refused('create_or_update_active_learning_v2_score_by_dataset_id', {
      path: { datasetId },
      query: { taskName: 'task' },
      body: { scoreType: 'entropy', scores: [1] },
    });
    expect({ status, code: error.code }).toEqual({ status: 400, code: 'SCORES_CANNOT_BE_SET' });
    expect(error.error).toContain('2 samples');
  });

  it.each([
    ['has other characters than names of tasks', '<script>'],
    ['is too long', 'x'.repeat(600)],
  ])('are refused for a task whose name %s', async (_, taskName) => {
    const { id: datasetId } = await datasetWithSamples(world, 1);
    const { status } = await world.refused('create_or_update_active_learning_v2_score_by_dataset_id', {
      path: { datasetId },
      query: { taskName },
      body: { scoreType: 'entropy', scores: [1] },
    });
    expect(status).toBe(400);
  });

  it('are not those of a tag, nor of another dataset', async () => {
    const { dataset, record } = await taggedDataset(2, [0, 1]);
    const other = await datasetWithSamples(world, 2);
    const ofTag = await record('entropy', [1, 2]);
    const ofOther = await recordOn(other.id, 'task', [1, 2]);
    for (const scoreId of [ofTag.id, ofOther.id, newId()]) {
      const { status, error } = await world.refused('get_active_learning_v2_score_by_dataset_and_score_id', {
        path: { datasetId: dataset.id, scoreId },
      });
      expect({ status, code: error.code }).toEqual({ status: 404, code: 'SCORE_UNKNOWN' });
    }
  });
});
