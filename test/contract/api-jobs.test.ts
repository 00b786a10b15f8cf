import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ADMINISTRATOR_ID } from '#contracts/access';
import type { Job, JobOf } from '#contracts/jobs';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { newId } from '../support/documents.ts';

let world: ApiWorld;
let owner: Awaited<ReturnType<ApiWorld['addUser']>>;
let stranger: Awaited<ReturnType<ApiWorld['addUser']>>;
beforeAll(async () => {
  world = await startApiWorld();
  [owner, stranger] = [await world.addUser('owner@example.com'), await world.addUser('stranger@example.com')];
});
afterAll(() => world.stop());

const NOW = 1_700_000_000_000;
let made = 0;
const SAMPLING: Pick<JobOf<'SAMPLING'>, 'kind' | 'request'> = {
  kind: 'SAMPLING',
  request: {
    embeddingId: newId(),
    newTagName: 'sampled',
    method: 'RANDOM',
    queryTagId: newId(),
    nSamples: 2,
  },
};
const PICTURE: Pick<JobOf<'EMBEDDINGS2D'>, 'kind' | 'request'> = {
  kind: 'EMBEDDINGS2D',
  request: { embeddingId: newId(), method: 'PCA' },
};
const DELETION: Pick<JobOf<'DELETE_DATASET'>, 'kind' | 'request'> = { kind: 'DELETE_DATASET', request: {} };

async function newJob(
  asked: typeof SAMPLING | typeof PICTURE | typeof DELETION = SAMPLING,
  userId = owner.user.id,
): Promise<Job> {
  const { id: datasetId } = await world.call('create_dataset', {
    ...{ body: { name: `jobs ${++made}` }, token: owner.token },
  });
  const job: Job = {
    ...asked,
    ...{ id: newId(), datasetId, userId, state: 'WAITING', createdAt: NOW, lastModifiedAt: NOW },
  };
  await world.deps.jobs.create(job);
  return job;
}
const status = (jobId: string, token = owner.token) =>
  world.call('get_job_status_by_id', { path: { jobId }, token });

test('a job is followed from its start to its result, which is the id of the tag that a sampling made', async () => {
  const { id, datasetId } = await newJob();
  const { jobs } = world.deps;
  expect(await status(id)).toEqual({
    ...{ id, datasetId, status: 'WAITING', waitTimeTillNextPoll: 1, createdAt: NOW, lastModifiedAt: NOW },
  });
  await jobs.start(id, NOW + 1);
  expect(await status(id)).toMatchObject({ status: 'RUNNING' });
  const tagId = newId();
  await jobs.finish(id, { tagId }, NOW + 2);
  expect(await status(id)).toMatchObject({
    ...{ status: 'FINISHED', finishedAt: NOW + 2, result: { type: 'SAMPLING', data: tagId } },
  });
});

test('what came of a job is the id of the picture that was drawn, and nothing where a dataset was deleted', async () => {
  const { jobs } = world.deps;
  const [picture, deletion] = [await newJob(PICTURE), await newJob(DELETION)];
  const embedding2dId = newId();
  await jobs.finish(picture.id, { embedding2dId }, NOW + 1);
  expect((await status(picture.id)).result).toEqual({ type: 'EMBEDDINGS2D', data: embedding2dId });
  await jobs.finish(deletion.id, {}, NOW + 1);
  expect((await status(deletion.id)).result).toEqual({ type: 'DATASET_PROCESSING', data: {} });
});

test('a job that failed says why', async () => {
  const { id } = await newJob(PICTURE);
  await world.deps.jobs.fail(id, 'There are no embeddings.', NOW + 1);
  expect(await status(id)).toMatchObject({ status: 'FAILED', error: 'There are no embeddings.' });
});

test('jobs are listed to whoever asked for them', async () => {
  const { id, datasetId } = await newJob(DELETION, stranger.user.id);
  expect(await world.call('get_jobs', { token: stranger.token })).toEqual([
    { id, jobId: id, jobType: 'DATASET_PROCESSING', datasetId, status: 'WAITING', createdAt: NOW },
  ]);
});

test('a job is seen by whoever asked for it, and by whoever may use its dataset, and by nobody else', async () => {
  const { id } = await newJob();
  expect((await status(id)).id).toBe(id);
  const refusal = await world.refused('get_job_status_by_id', { path: { jobId: id }, token: stranger.token });
  expect(refusal).toMatchObject({ status: 403, error: { code: 'FORBIDDEN' } });
  const ofAdministrator = await newJob(SAMPLING, ADMINISTRATOR_ID);
  expect((await status(ofAdministrator.id)).id).toBe(ofAdministrator.id);
});

test('a job that does not exist is not found', async () => {
  const refusal = await world.refused('get_job_status_by_id', { path: { jobId: newId() } });
  expect(refusal).toMatchObject({ status: 404, error: { code: 'JOB_UNKNOWN' } });
});

test('no quota limits the size of a dataset', async () => {
  expect(Number(await world.call('get_quota_maximum_dataset_size', {}))).toBeGreaterThan(1_000_000_000);
});
