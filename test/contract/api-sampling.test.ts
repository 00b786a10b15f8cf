import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BodyOf } from '#contracts/protocol/operations';
import type { Tag } from '#contracts/tags';
import { indexesOfMask } from '#platform/tags/bit-mask';
import { carryOutJob } from '../../functions/job/carry-out-job.ts';
import { sampleTag } from '../../functions/job/sample-tag.ts';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { carryOutJobs } from '../support/carried-out-jobs.ts';
import {
  addInitialTag,
  addTag,
  asAddedByClient,
  datasetWithSamples,
} from '../support/dataset-with-samples.ts';
import { newId } from '../support/documents.ts';
import { embeddingsCsv, uploadEmbedding } from '../support/embedding-uploads.ts';
import { failingAtCall, Killed } from '../support/failing-at-call.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await startApiWorld();
});
afterAll(() => world.stop());

type Request = BodyOf<'trigger_sampling_by_id'>;
interface Sampled {
  readonly path: { readonly datasetId: string; readonly embeddingId: string };
  readonly initial: Tag;
}

/** A dataset whose samples lie on a line, at these places. */
async function lineOf(places: readonly number[]): Promise<Sampled> {
  const dataset = await datasetWithSamples(world, places.length, asAddedByClient);
  const rows = places.map((place, at) => [`image-${at}.jpg`, place, 0] as const);
  const path = await uploadEmbedding(world, dataset.id, 'line', embeddingsCsv([...rows].reverse()));
  return { path, initial: await addInitialTag(world, dataset) };
}

const request = (fields: Partial<Request> = {}): Request => ({
  newTagName: `sampled-${newId()}`,
  method: 'CORESET',
  config: { stoppingCondition: { nSamples: 3, minDistance: -1 } },
  ...fields,
});

/** The tag that a sampling has made, and the indexes in it. */
async function sampled({ path }: Sampled, fields: Partial<Request>) {
  const body = request(fields);
  const { jobId } = await world.call('trigger_sampling_by_id', { path, body });
  await carryOutJobs(world);
  const job = await world.call('get_job_status_by_id', { path: { jobId } });
  expect(job).toMatchObject({ status: 'FINISHED', result: { type: 'SAMPLING' } });
  const tag = await world.call('get_tag_by_tag_id', {
    path: { datasetId: path.datasetId, tagId: String(job.result?.data) },
  });
  expect(tag.name).toBe(body.newTagName);
  return { tag, indexes: [...indexesOfMask(tag.bitMaskData)] };
}

const failed = async ({ path }: Sampled, fields: Partial<Request>) => {
  const { jobId } = await world.call('trigger_sampling_by_id', { path, body: request(fields) });
  await carryOutJobs(world);
  return world.call('get_job_status_by_id', { path: { jobId } });
};
const refused = async ({ path }: Pick<Sampled, 'path'>, fields: object) => {
  const { status, error } = await world.refused('trigger_sampling_by_id', {
    path,
    body: { ...request(), ...fields },
  });
  return { status, code: error.code, message: error.error };
};
const score = (datasetId: string, tagId: string, scoreType: string, scores: number[]) =>
  world.call('create_or_update_active_learning_score_by_tag_id', {
    path: { datasetId, tagId },
    body: { scoreType, scores },
  });

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

describe('a sampling', () => {
  it.each([
    ['nothing that ends it', { config: {} }, 'Give nSamples, minDistance or both'],
    [
      'conditions that are not set',
      { config: { stoppingCondition: { nSamples: -1, minDistance: -1 } } },
      'Give nSamples, minDistance or both',
    ],
    ['no samples', { config: { stoppingCondition: { nSamples: 0 } } }, 'nSamples: expected'],
    ['less than no samples', { config: { stoppingCondition: { nSamples: -5 } } }, 'nSamples: expected'],
    ['a negative distance', { config: { stoppingCondition: { minDistance: -5 } } }, 'minDistance: expected'],
    [
      'a distance for RANDOM',
      { method: 'RANDOM', config: { stoppingCondition: { minDistance: 1 } } },
      'RANDOM knows no distance',
    ],
    ['a name that no tag can have', { newTagName: '..' }, '$.newTagName'],
    ['a name that is too long', { newTagName: 'x'.repeat(300) }, 'newTagName'],
    ['a method that there is not', { method: 'GUESS' }, '$.method'],
  ])('is refused with %s', async (_, fields, reason) => {
    const refusal = await refused(await lineOf([0, 1]), fields);
    expect(refusal.status).toBe(400);
    expect(refusal.message).toContain(reason);
    expect(await carryOutJobs(world)).toEqual([]);
  });

  it('is refused where its tag’s name is taken', async () => {
    const line = await lineOf([0, 1]);
    const refusal = await refused(line, { newTagName: line.initial.name });
    expect(refusal).toMatchObject({ status: 409, code: 'TAG_NAME_EXISTS' });
  });

  it('is refused with tags that the dataset does not have', async () => {
    const line = await lineOf([0, 1]);
    const other = await lineOf([0, 1]);
    expect(await refused(line, { queryTagId: other.initial.id })).toMatchObject({
      status: 400,
      code: 'TAG_QUERYTAG_NOT_IN_DATASET',
    });
    expect(await refused(line, { preselectedTagId: newId() })).toMatchObject({
      status: 400,
      code: 'TAG_PRESELECTEDTAG_NOT_IN_DATASET',
    });
    const { id } = await datasetWithSamples(world, 2, asAddedByClient);
    const path = await uploadEmbedding(world, id, 'mine', embeddingsCsv([['image-0.jpg', 1]]));
    expect(await refused({ path }, {})).toMatchObject({ status: 400, code: 'TAG_NO_TAG_IN_DATASET' });
  });

  it('is refused where as many samples are preselected as are asked for', async () => {
    const line = await lineOf([0, 1, 2, 3]);
    const preselected = await addTag(world, line.initial, [0, 1, 2]);
    const refusal = await refused(line, { preselectedTagId: preselected.id });
    expect(refusal.status).toBe(400);
    expect(refusal.message).toContain('there are 3 of them');
  });

  it('is refused on an embedding that does not exist, or has no valid file', async () => {
    const line = await lineOf([0, 1, 2]);
    const { datasetId } = line.path;
    expect(await refused({ path: { datasetId, embeddingId: newId() } }, {})).toMatchObject({
      status: 404,
      code: 'EMBEDDING_UNKNOWN',
    });
    const path = await uploadEmbedding(world, datasetId, 'nonsense', 'nonsense');
    expect(await refused({ path }, {})).toMatchObject({ status: 400, code: 'EMBEDDING_INVALID' });
  });

  it('fails where its tag’s name was taken while it waited', async () => {
    const line = await lineOf([0, 1, 2, 3]);
    const newTagName = `wanted-${newId()}`;
    await world.call('trigger_sampling_by_id', { path: line.path, body: request({ newTagName }) });
    const job = await failed(line, { newTagName });
    const ends = [job.status, ...(await jobStates(line.path.datasetId))];
    expect(ends).toContain('FAILED');
    expect(await tagsNamed(line.path.datasetId, newTagName)).toHaveLength(1);
  });

  it('that is killed anywhere and done again makes one tag, the same as without', async () => {
    const line = await lineOf([0, 1, 2, 50, 51, 100]);
    const newTagName = `killed-${newId()}`;
    const body = request({ newTagName });
    const { jobId } = await world.call('trigger_sampling_by_id', { path: line.path, body });
    const expected = await sampled(line, {});
    const ports = ['jobs', 'tags', 'embeddings', 'samples', 'objects', 'datasets', 'scores'] as const;
    for (let fatal = 1; ; fatal++) {
      const { deps } = failingAtCall({ ...world.deps }, ports, fatal);
      const ended = await doSampling(jobId, deps).then(
        () => true,
        (error: unknown) => {
          if (!(error instanceof Killed)) throw error;
          return false;
        },
      );
      if (ended) break;
    }
    const [tag, ...others] = await tagsNamed(line.path.datasetId, newTagName);
    expect(others).toEqual([]);
    expect(tag?.bitMaskData).toBe(expected.tag.bitMaskData);
    const job = await world.call('get_job_status_by_id', { path: { jobId } });
    expect(job).toMatchObject({ status: 'FINISHED', result: { data: tag?.id } });
  });
});

const jobStates = async (datasetId: string) =>
  (await world.call('get_jobs', {})).filter((job) => job.datasetId === datasetId).map(({ status }) => status);
const tagsNamed = async (datasetId: string, name: string) =>
  (await world.call('get_tags_by_dataset_id', { path: { datasetId } })).filter((tag) => tag.name === name);

const doSampling = (jobId: string, deps: ApiWorld['deps']) =>
  carryOutJob({ jobId }, () => false, {
    jobs: deps.jobs,
    kinds: {
      SAMPLING: (job) => sampleTag(job, deps),
      EMBEDDINGS2D: async () => undefined,
      DELETE_DATASET: async () => undefined,
    },
    telemetry: deps.telemetry,
    now: deps.now,
  });
