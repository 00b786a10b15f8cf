import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { textLines } from '#platform/objects/text-lines';
import type { RunPlan } from '#platform/runs/run-plan-lines';
import { select } from '#selection/select';
import { decidedLines } from '#worker/lines/decided-lines';
import { parseInputLines } from '#worker/lines/run-input-lines';
import { planRun } from '#worker/plan-run';
import type { RunControl } from '#worker/run-control';
import { ONE_BY_DIVERSITY, type RunOrder, type RunsClient, runsClientOf } from '../support/api-runs.ts';
import { startApiServer } from '../support/api-server.ts';
import { ADMINISTRATOR_TOKEN, type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { builtInWorkerOf, registerImage } from '../support/built-in-worker.ts';
import { newId } from '../support/documents.ts';
import { gunzipped } from '../support/gunzipped.ts';

let world: ApiWorld;
let server: Awaited<ReturnType<typeof startApiServer>>;
let client: RunsClient;
let builtIn: ReturnType<typeof builtInWorkerOf>;
beforeAll(async () => {
  world = await startApiWorld();
  server = await startApiServer(world);
  client = runsClientOf(world);
  builtIn = builtInWorkerOf(world);
});
afterAll(async () => {
  await server.stop();
  await world.stop();
});

async function ask(method: string, path: string, body?: object, token = ADMINISTRATOR_TOKEN) {
  const response = await fetch(`${server.url}/winnow/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}
const statusOf = async (...args: Parameters<typeof ask>): Promise<number> => (await ask(...args)).status;

/** A dataset with images, a run of it, and the worker that has taken the run. */
async function takenRun(order: RunOrder = {}) {
  const datasetId = await client.newDataset();
  for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) await registerImage(world, datasetId, name);
  const scheduledId = await client.schedule(datasetId, order);
  const workerId = await client.startWorker();
  const request = { workerId, scheduledId, workerVersion: 'test' };
  const { status, body } = await ask('POST', 'planned-runs', request);
  expect(status).toBe(201);
  return { datasetId, scheduledId, request, attempt: 1, runId: String(body.runId) };
}
type Taken = Awaited<ReturnType<typeof takenRun>>;

const control: RunControl = {
  enter: async () => undefined,
  progress: async () => undefined,
  warn: () => undefined,
  stopIfCanceled: () => undefined,
  images: {
    read: async () => undefined,
    model: () => Promise.reject(new Error('The selection asks for no image.')),
  },
  select,
  memory: [],
  now: () => 1_800_000_000_000,
};

/** Reads the input as a worker does, and decides. */
async function planned({ datasetId, scheduledId, runId }: Taken): Promise<RunPlan> {
  expect((await ask('GET', `runs/${runId}/input`)).body).toEqual({});
  await builtIn.deliver({ datasetId, scheduledId });
  const { url } = (await ask('GET', `runs/${runId}/input`)).body;
  const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
  return planRun(await parseInputLines(textLines(gunzipped(bytes))), control);
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Puts a plan to a URL of its own. */
async function put({ runId, attempt }: Pick<Taken, 'runId' | 'attempt'>, bytes: Bytes) {
  const upload = (await ask('POST', `runs/${runId}/plans`, { attempt })).body;
  const again = async (others: Bytes): Promise<void> => {
    expect((await fetch(upload.signedWriteUrl, { method: 'PUT', body: others })).status).toBe(200);
  };
  await again(bytes);
  return { planId: String(upload.planId), again };
}

async function handIn(taken: Taken, bytes: Bytes): Promise<number> {
  const { planId } = await put(taken, bytes);
  return statusOf('PUT', `runs/${taken.runId}/plan`, { attempt: taken.attempt, planId });
}
const bytesOf = (plan: RunPlan, runId: string) =>
  Uint8Array.from(gzipSync([...decidedLines(plan, runId)].join('')));

describe('a plan that a worker elsewhere hands in', () => {
  test('is carried out by the built-in worker', async () => {
    const taken = await takenRun();
    const plan = await planned(taken);
    expect(await handIn(taken, bytesOf(plan, taken.runId))).toBe(204);
    await builtIn.deliver(taken);
    expect(await client.runOf(taken.scheduledId)).toMatchObject({ id: taken.runId, state: 'COMPLETED' });
    expect((await world.deps.datasets.get(taken.datasetId))?.sampleCount).toBe(1);
    expect(await statusOf('PUT', `runs/${taken.runId}/progress`, { attempt: 1 })).toBe(409);
  });

  test('fails the run, and nothing of it is written, where it points to what is not the pipeline’s', async () => {
    const taken = await takenRun();
    const { header, decisions } = await planned(taken);
    const elsewhere = decisions.map((decision) =>
      decision.sample ? { ...decision, sample: { ...decision.sample, key: 'secrets.txt' } } : decision,
    );
    expect(await handIn(taken, bytesOf({ header, decisions: elsewhere }, taken.runId))).toBe(204);
    await builtIn.deliver(taken);
    const run = await client.runOf(taken.scheduledId);
    expect(run).toMatchObject({ state: 'FAILED', message: expect.stringContaining('image is elsewhere') });
    expect(await world.deps.datasets.get(taken.datasetId)).toMatchObject({ sampleCount: 0 });
    expect((await world.deps.datasets.get(taken.datasetId))?.lockedBy).toBeUndefined();
  });

  test('is the one that was handed in, whatever is put to its URL later', async () => {
    const taken = await takenRun();
    const { runId, attempt } = taken;
    const plan = await planned(taken);
    const { planId, again } = await put(taken, bytesOf(plan, runId));
    const confirm = () => statusOf('PUT', `runs/${runId}/plan`, { attempt, planId });
    expect(await confirm()).toBe(204);
    await again(Uint8Array.from(Buffer.from('no plan')));
    expect(await confirm()).toBe(204);
    await builtIn.deliver(taken);
    expect(await client.runOf(taken.scheduledId)).toMatchObject({ state: 'COMPLETED' });
  });

  test.each([
    ['is cut short', (text: string) => gzipSync(text).subarray(0, -20)],
    ['has a line that is none', (text: string) => gzipSync(`${text}{\n`)],
    [
      'has a vector that is none',
      (text: string) => gzipSync(text.replaceAll(/"embedding":"[^"]*"/g, '"embedding":"AAA="')),
    ],
  ])('fails the run where it %s', async (_, damage) => {
    const taken = await takenRun();
    const text = [...decidedLines(await planned(taken), taken.runId)].join('');
    expect(await handIn(taken, Uint8Array.from(damage(text)))).toBe(204);
    await builtIn.deliver(taken);
    const run = await client.runOf(taken.scheduledId);
    expect(run).toMatchObject({ state: 'FAILED', message: expect.stringContaining('is not valid') });
    expect((await world.deps.datasets.get(taken.datasetId))?.lockedBy).toBeUndefined();
  });

  test('is checked too where it comes from a worker that has lost the run', async () => {
    const taken = await takenRun();
    const { runId } = taken;
    const { header, decisions } = await planned(taken);
    const elsewhere = decisions.map((decision) =>
      decision.sample ? { ...decision, sample: { ...decision.sample, key: 'secrets.txt' } } : decision,
    );
    const { planId } = await put(taken, bytesOf({ header, decisions: elsewhere }, runId));
    expect(await statusOf('POST', `runs/${runId}/release`, { attempt: 1 })).toBe(204);
    await builtIn.deliver(taken, {
      beforePlanIsRecorded: async () => {
        expect(await statusOf('PUT', `runs/${runId}/plan`, { attempt: 1, planId })).toBe(409);
        // It may guess.
        await statusOf('PUT', `runs/${runId}/plan`, { attempt: 2, planId });
      },
    });
    expect(await world.deps.datasets.get(taken.datasetId)).toMatchObject({ sampleCount: 0 });
    expect(await client.runOf(taken.scheduledId)).toMatchObject({ state: 'FAILED' });
  });

  test('is refused at once where it is not one, or of another run', async () => {
    const taken = await takenRun();
    const plan = await planned(taken);
    const { runId } = taken;
    expect(await handIn(taken, Uint8Array.from(Buffer.from('no gzip')))).toBe(400);
    expect(await handIn(taken, Uint8Array.from(gzipSync('{"a":1}\n')))).toBe(400);
    const ofAnother = { ...plan, header: { ...plan.header, runId: newId() } };
    expect(await handIn(taken, bytesOf(ofAnother, runId))).toBe(400);
    const cropDatasetNames = { objects: '../shop' };
    const nameless = { ...plan, header: { ...plan.header, cropDatasetNames } };
    expect(await handIn(taken, bytesOf(nameless, runId))).toBe(400);
    expect(await statusOf('PUT', `runs/${runId}/plan`, { attempt: 1, planId: newId() })).toBe(400);
    expect(await handIn(taken, bytesOf(plan, runId))).toBe(204);
  });
});

test('only the worker that has taken a run plans it, and nobody sees what is not theirs', async () => {
  const { runId, request } = await takenRun();
  const { token } = await client.member();
  expect(await statusOf('POST', 'planned-runs', request, token)).toBe(403);
  expect(await statusOf('POST', 'planned-runs', { ...request, scheduledId: newId() })).toBe(404);
  expect(await statusOf('POST', 'planned-runs', { ...request, more: 1 })).toBe(400);
  expect(await statusOf('POST', 'planned-runs', request)).toBe(409);
  for (const path of ['input', 'progress', 'plans', 'plan', 'release', 'image-urls', 'model-urls']) {
    const method = path === 'input' ? 'GET' : path === 'plan' || path === 'progress' ? 'PUT' : 'POST';
    const body = path === 'input' ? undefined : { attempt: 1 };
    expect([path, await statusOf(method, `runs/${runId}/${path}`, body, token)]).toEqual([path, 403]);
    expect([path, await statusOf(method, `runs/nobody/${path}`, body)]).toEqual([path, 404]);
  }
  const progress = (body: object) => statusOf('PUT', `runs/${runId}/progress`, body);
  expect(await progress({ attempt: 2 })).toBe(409);
  expect(await progress({ attempt: 1, state: 'SAVING_RESULTS' })).toBe(400);
  expect(await progress({ attempt: 1, state: 'SAMPLING', message: 'x' })).toBe(200);
  const urls = await ask('POST', `runs/${runId}/image-urls`, { attempt: 1, fileNames: ['a.jpg', 'z.jpg'] });
  expect(urls.body.urls).toEqual([expect.stringContaining('a.jpg'), null]);
  const model = { attempt: 1, name: '../../secrets' };
  expect(await statusOf('POST', `runs/${runId}/model-urls`, model)).toBe(400);
  expect(await statusOf('POST', `runs/${runId}/release`, { attempt: 1 })).toBe(204);
  expect((await world.deps.scheduledRuns.get(request.scheduledId))?.state).toBe('OPEN');
});

test('a run whose datasource refuses waits for it, and nobody can take it up meanwhile', async () => {
  const { datasetId, scheduledId, runId, request } = await takenRun();
  const gcsCredentials = 'no service account';
  const config = {
    type: 'GCS',
    purpose: 'INPUT',
    fullPath: 'gs://theirs/in',
    gcsProjectId: 'p',
    gcsCredentials,
  } as const;
  await world.deps.datasources.replace({ datasetId, version: 1, configs: [config], lastModifiedAt: 1 });
  await registerImage(world, datasetId, 'd.jpg', { bucket: 'theirs', key: 'in/d.jpg' });
  const { status, body } = await ask('POST', `runs/${runId}/image-urls`, {
    attempt: 1,
    fileNames: ['d.jpg'],
  });
  expect({ status, code: body.code }).toEqual({ status: 400, code: 'DATASET_DATASOURCE_CREDENTIALS_ERROR' });
  const { problem } = (await world.deps.datasourceStates.get(datasetId)) ?? {};
  expect(problem).toMatchObject({ use: 'INPUT', fileName: 'd.jpg', reason: body.error });
  const run = await world.deps.runs.get(runId);
  expect(run?.messages.at(-1)?.message).toBe(`Waiting for the datasource: ${body.error}`);
  expect(await statusOf('POST', `runs/${runId}/release`, { attempt: 1 })).toBe(204);
  expect((await ask('POST', 'planned-runs', request)).body.error).toContain('waits for its datasource');

  const all = { canList: true, canRead: true, canWrite: true, canOverwrite: true };
  await world.deps.datasourceStates.noteVerified(datasetId, 1, { at: world.deps.now(), ...all });
  expect(await statusOf('POST', 'planned-runs', request)).toBe(201);
  expect(await world.deps.runs.get(runId)).not.toHaveProperty('waitsForDatasource');
  expect((await world.deps.scheduledRuns.get(scheduledId))?.state).toBe('LOCKED');
});

describe('a run that is given back', () => {
  test('and canceled is over', async () => {
    const { runId, scheduledId, datasetId } = await takenRun();
    expect(await statusOf('POST', `runs/${runId}/release`, { attempt: 1 })).toBe(204);
    await world.call('cancel_scheduled_docker_run_state_by_id', { path: { datasetId, scheduledId } });
    expect(await client.runOf(scheduledId)).toMatchObject({ id: runId, state: 'ABORTED' });
  });

  test('is planned from what the dataset is then', async () => {
    const taken = await takenRun({ config: { docker: { useDatapool: true }, selection: ONE_BY_DIVERSITY } });
    await planned(taken);
    expect(await statusOf('POST', `runs/${taken.runId}/release`, { attempt: 1 })).toBe(204);
    const meanwhile = await client.schedule(taken.datasetId, { priority: 'HIGH' });
    await builtIn.deliver({ datasetId: taken.datasetId, scheduledId: meanwhile });
    expect(await client.runOf(meanwhile)).toMatchObject({ state: 'COMPLETED' });
    const { body } = await ask('POST', 'planned-runs', taken.request);
    expect(body).toMatchObject({ runId: taken.runId, attempt: 2 });
    const again = { ...taken, attempt: 2 };
    expect(await handIn(again, bytesOf(await planned(again), taken.runId))).toBe(204);
    await builtIn.deliver(taken);
    expect(await client.runOf(taken.scheduledId)).toMatchObject({ state: 'COMPLETED' });
  });

  test('is free again where the worker died before it began', async () => {
    const taken = await takenRun();
    const { scheduledId, datasetId } = taken;
    const other = await client.schedule(datasetId);
    await world.deps.datasets.unlock(datasetId, scheduledId);
    await world.deps.datasets.lock(datasetId, other);
    const by = { workerId: taken.request.workerId, handsInPlan: true };
    await world.deps.scheduledRuns.lock(other, newId(), 1, by);
    await builtIn.deliver({ datasetId, scheduledId: other });
    expect(await world.deps.scheduledRuns.get(other)).toMatchObject({ state: 'OPEN' });
    expect((await world.deps.datasets.get(datasetId))?.lockedBy).toBeUndefined();
  });
});

test('a run whose dataset is deleted is planned no further', async () => {
  const { runId, datasetId } = await takenRun();
  await world.call('delete_dataset_by_id', { path: { datasetId }, query: { force: true } });
  expect(await statusOf('GET', `runs/${runId}/input`)).toBe(404);
  expect(await statusOf('POST', `runs/${runId}/plans`, { attempt: 1 })).toBe(404);
  expect(await statusOf('PUT', `runs/${runId}/progress`, { attempt: 1 })).toBe(404);
});

test('a run that another worker carries out is none to plan', async () => {
  const { runId } = await client.externalRun();
  expect(await statusOf('GET', `runs/${runId}/input`)).toBe(403);
});
