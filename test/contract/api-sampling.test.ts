import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import {
  addInitialTag,
  addTag,
  asAddedByClient,
  datasetWithSamples,
} from '../support/dataset-with-samples.ts';
import { samplingsIn } from '../support/samplings.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await startApiWorld();
});
afterAll(() => world.stop());

const { lineOf, sampled, failed, refused, score } = samplingsIn(() => world);

describe('a sampling by CORESET', () => {
  it('chooses samples that are far from each other, and makes a tag of them', async () => {
    const line = await lineOf([0, 1, 2, 50, 51, 100]);
    const { tag, indexes } = await sampled(line, {});
    expect(indexes.filter((index) => index < 3)).toHaveLength(1);
    expect(indexes.filter((index) => index === 3 || index === 4)).toHaveLength(1);
    expect(indexes).toContain(5);
    expect(indexes).toHaveLength(3);
    expect(tag).toMatchObject({ prevTagId: line.initial.id, queryTagId: line.initial.id });
    expect(tag.changes).toMatchObject([
      { creator: 'SAMPLER_CORESET', changes: { sampler: { method: 'CORESET' } } },
    ]);
    const [newest] = await world.call('get_tags_by_dataset_id', { path: line.path });
    expect(newest?.id).toBe(tag.id);
  });

  it('takes a number below one for a share of the samples', async () => {
    const line = await lineOf([0, 1, 2, 3, 4, 5]);
    const { indexes } = await sampled(line, { config: { stoppingCondition: { nSamples: 0.5 } } });
    expect(indexes).toHaveLength(3);
  });

  it('takes all samples where more are asked for than there are', async () => {
    const line = await lineOf([0, 1]);
    const { indexes } = await sampled(line, { config: { stoppingCondition: { nSamples: 1e9 } } });
    expect(indexes).toEqual([0, 1]);
  });

  it('ends when the samples left are too near to each other', async () => {
    const line = await lineOf([0, 1, 2, 50, 51, 100]);
    const { indexes } = await sampled(line, {
      config: { stoppingCondition: { nSamples: -1, minDistance: 10 } },
    });
    expect(indexes).toHaveLength(3);
  });

  it('counts preselected samples, keeps away from them, and has them in its tag', async () => {
    const line = await lineOf([0, 1, 2, 50, 51, 100]);
    const preselected = await addTag(world, line.initial, [5, 3]);
    const { tag, indexes } = await sampled(line, { preselectedTagId: preselected.id });
    expect(indexes).toEqual([0, 3, 5]);
    expect(tag.preselectedTagId).toBe(preselected.id);
  });

  it('chooses from a tag, whose child its tag is', async () => {
    const line = await lineOf([0, 1, 2, 50, 51, 100]);
    const query = await addTag(world, line.initial, [0, 1, 4]);
    const config = { stoppingCondition: { nSamples: 2 } };
    const { tag, indexes } = await sampled(line, { queryTagId: query.id, config });
    expect(indexes).toContain(4);
    expect(indexes).toHaveLength(2);
    expect(tag).toMatchObject({ queryTagId: query.id, prevTagId: query.id });
    const outside = await addTag(world, line.initial, [5]);
    const both = await sampled(line, { queryTagId: query.id, preselectedTagId: outside.id, config });
    expect(both.indexes).toEqual([0, 5]);
    expect(both.tag.prevTagId).toBe(line.initial.id);
  });

  it('works on the built-in embedding', async () => {
    const dataset = await datasetWithSamples(world, 4);
    const initial = await addInitialTag(world, dataset);
    const [{ id: embeddingId } = { id: '' }] = await world.call('get_embeddings_by_dataset_id', {
      path: { datasetId: dataset.id },
    });
    const { indexes } = await sampled({ path: { datasetId: dataset.id, embeddingId }, initial }, {});
    expect(indexes).toHaveLength(3);
  });

  it('fails where samples have no vector, and says how many', async () => {
    const dataset = await datasetWithSamples(world, 4, (sample) =>
      sample.index < 3 ? asAddedByClient(sample) : sample,
    );
    const initial = await addInitialTag(world, dataset);
    const [{ id: embeddingId } = { id: '' }] = await world.call('get_embeddings_by_dataset_id', {
      path: { datasetId: dataset.id },
    });
    const job = await failed({ path: { datasetId: dataset.id, embeddingId }, initial }, {});
    expect(job).toMatchObject({ status: 'FAILED', error: expect.stringContaining('3 of 4 samples') });
  });
});

describe('a sampling by RANDOM', () => {
  it('draws another lot for every sampling', async () => {
    const line = await lineOf(Array.from({ length: 64 }, (_, at) => at));
    const config = { stoppingCondition: { nSamples: 32 } };
    const first = await sampled(line, { method: 'RANDOM', config });
    const second = await sampled(line, { method: 'RANDOM', config });
    expect([first.indexes.length, second.indexes.length]).toEqual([32, 32]);
    expect(first.indexes).not.toEqual(second.indexes);
  });
});

describe('a sampling by scores', () => {
  it('of ACTIVE_LEARNING takes those with the highest scores', async () => {
    const line = await lineOf([0, 1, 2, 3, 4]);
    const query = await addTag(world, line.initial, [1, 2, 4]);
    await score(line.path.datasetId, query.id, 'margin', [-0.5, 9, 0]);
    const config = { stoppingCondition: { nSamples: 2 } };
    const fields = { method: 'ACTIVE_LEARNING', queryTagId: query.id, scoreType: 'margin', config } as const;
    expect((await sampled(line, fields)).indexes).toEqual([2, 4]);
  });

  it('takes the scores that were written last where no type is named', async () => {
    const line = await lineOf([0, 1, 2, 3]);
    await score(line.path.datasetId, line.initial.id, 'margin', [9, 0, 0, 0]);
    await score(line.path.datasetId, line.initial.id, 'entropy', [0, 0, 0, 9]);
    const config = { stoppingCondition: { nSamples: 1 } };
    expect((await sampled(line, { method: 'ACTIVE_LEARNING', config })).indexes).toEqual([3]);
  });

  it('of CORAL weighs scores against distances', async () => {
    const line = await lineOf([0, 1, 49, 50, 100]);
    const preselected = await addTag(world, line.initial, [0]);
    await score(line.path.datasetId, line.initial.id, 'margin', [1, 1, 3, 1, 1]);
    const config = { stoppingCondition: { nSamples: 2 } };
    const fields = { method: 'CORAL', preselectedTagId: preselected.id, config } as const;
    expect((await sampled(line, fields)).indexes).toEqual([0, 2]);
  });

  it('is refused where the tag has no such scores', async () => {
    const line = await lineOf([0, 1, 2, 3]);
    const none = await refused(line, { method: 'CORAL' });
    expect(none).toMatchObject({ status: 400, code: 'TAG_NO_SCORES_AVAILABLE' });
    await score(line.path.datasetId, line.initial.id, 'margin', [9, 0, 0, 0]);
    const other = await refused(line, { method: 'ACTIVE_LEARNING', scoreType: 'entropy' });
    expect(other).toMatchObject({ status: 400, code: 'TAG_NO_SCORES_AVAILABLE' });
    expect(other.message).toContain('It has margin');
  });
});
