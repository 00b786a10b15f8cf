import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sampleTag } from '#platform/sampling/sample-tag';
import { select } from '#selection/select';
import { carryOutJob } from '../../functions/job/carry-out-job.ts';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { carryOutJobs } from '../support/carried-out-jobs.ts';
import { addTag, asAddedByClient, datasetWithSamples } from '../support/dataset-with-samples.ts';
import { newId } from '../support/documents.ts';
import { embeddingsCsv, uploadEmbedding } from '../support/embedding-uploads.ts';
import { failingAtCall, Killed } from '../support/failing-at-call.ts';
import { requestOf, samplingsIn } from '../support/samplings.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await startApiWorld();
});
afterAll(() => world.stop());

const { lineOf, sampled, failed, refused } = samplingsIn(() => world);

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
    await world.call('trigger_sampling_by_id', { path: line.path, body: requestOf({ newTagName }) });
    const job = await failed(line, { newTagName });
    const ends = [job.status, ...(await jobStates(line.path.datasetId))];
    expect(ends).toContain('FAILED');
    expect(await tagsNamed(line.path.datasetId, newTagName)).toHaveLength(1);
  });

  it('that is killed anywhere and done again makes one tag, the same as without', async () => {
    const line = await lineOf([0, 1, 2, 50, 51, 100]);
    const newTagName = `killed-${newId()}`;
    const body = requestOf({ newTagName });
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
      SAMPLING: (job) => sampleTag(job, { ...deps, select }),
      EMBEDDINGS2D: async () => undefined,
      DELETE_DATASET: async () => undefined,
    },
    telemetry: deps.telemetry,
    now: deps.now,
  });
