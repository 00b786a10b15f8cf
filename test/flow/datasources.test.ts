import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FunctionRequest } from '../../local/local-cloud.ts';
import { type Flow, startFlow } from '../support/flow.ts';
import { type ForeignImages, foreignImages } from '../support/foreign-images.ts';
import { ACCOUNT_OF_BUCKETS } from '../support/local-access-target.ts';
import { eventually } from '../support/local-stack.ts';
import { photo } from '../support/photos.ts';

/** A bucket with history in another account: taken in as it is, kept up with, and waited for while it is shut. */
const DATASET = 'photo archive';
const HISTORY = 6;
const SELECTED = 3;
/** So short that sessions end while images are worked on. */
const SESSION_SECONDS = 4;

let flow: Flow;
let images: ForeignImages;
/** Requests that were answered with 503 SlowDown while the bucket was taken in. */
let throttled: number;
const requests: FunctionRequest[] = [];
beforeAll(async () => {
  flow = await startFlow({ sessionSecondsCap: SESSION_SECONDS, eventSenders: [ACCOUNT_OF_BUCKETS] });
  flow.cloud.onRequest((request) => requests.push(request));
  await flow.configure(DATASET, {
    schedule: { minNewImages: HISTORY },
    run: {
      selection: {
        nSamples: SELECTED,
        strategies: [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }],
      },
    },
  });
  const kmsKey = `arn:aws:kms:us-east-1:${ACCOUNT_OF_BUCKETS}:key/of-the-archive`;
  images = await foreignImages(flow, DATASET, { kmsKey, versioned: true });
  for (let scene = 0; scene < HISTORY; scene++) {
    await images.put(nameOf(scene), await photo(scene), {
      Metadata: { scene: `${scene}` },
      Tagging: 'of=history',
    });
  }
  await images.put('readme.txt', 'No image.\n');
  await images.put('cold.jpg', await photo(99), { StorageClass: 'GLACIER' });
  images.setRole();
  const endFaults = flow.cloud.faults.begin({ bucket: images.bucket, every: 4 });
  await images.connect();
  await flow.cloud.idle();
  throttled = endFaults();
}, 180_000);
afterAll(() => flow?.close());

const nameOf = (scene: number): string => `camera ${scene % 2}/${scene}.jpg`;
const put = async (scene: number) => images.put(nameOf(scene), await photo(scene));

describe('what is in the bucket when it is connected', () => {
  test('is registered as it is: images, archived ones as rejected, other files not at all', async () => {
    const { sync, counts } = await images.status();
    expect(sync).toMatchObject({ state: 'DONE', listed: HISTORY + 2 });
    expect(counts.held).toBe(0);
    for (let scene = 0; scene < HISTORY; scene++) {
      expect(await images.registered(nameOf(scene))).toMatchObject({
        state: 'registered',
        bucket: images.bucket,
        versionId: expect.any(String),
        objectMetadata: { metadata: { scene: `${scene}` }, tags: { of: 'history' } },
      });
    }
    expect(await images.registered('cold.jpg')).toMatchObject({
      state: 'rejected',
      rejection: { code: 'ARCHIVED' },
    });
    expect(await images.registered('readme.txt')).toBeUndefined();
  });

  test('leads to a run, whose exports have URLs that read the images there', async () => {
    const { runs, samples } = await flow.outcome(DATASET);
    expect(runs.map(({ state }) => state)).toEqual(['COMPLETED']);
    expect(samples).toHaveLength(SELECTED);
    const rows: { fileName: string; readUrl: string }[] = JSON.parse(
      (await flow.readExport(DATASET, 'latest', 'filenames-and-read-urls.json')) ?? '',
    );
    expect(rows).toHaveLength(SELECTED);
    for (const { fileName, readUrl } of rows) {
      const response = await fetch(readUrl);
      expect({ fileName, status: response.status }).toEqual({ fileName, status: 200 });
      const scene = Number(/(\d+)\.jpg/.exec(fileName)?.[1]);
      expect(Buffer.from(await response.arrayBuffer())).toEqual(await photo(scene));
    }
  });
});

test('what changes in the bucket afterwards is told by EventBridge', async () => {
  await put(20);
  await images.remove(nameOf(5));
  await flow.cloud.idle();
  expect(await images.registered(nameOf(20))).toMatchObject({ state: 'registered' });
  expect(await images.registered(nameOf(5))).toMatchObject({ state: 'deleted' });
  expect((await images.status()).events).toMatchObject({ lastAt: expect.any(Number) });
}, 60_000);

test('a listing that lags behind takes nothing away, and brings nothing back', async () => {
  images.change({ listingLagMs: 3_600_000 });
  await put(21);
  await images.remove(nameOf(4));
  await flow.cloud.idle();
  await images.sync();
  await flow.cloud.idle();
  images.change({});
  const { sync } = await images.status();
  expect(sync).toMatchObject({ state: 'DONE', counts: { gone: 0 } });
  // What is not listed was asked for by its name.
  const ofStage = requests.filter(({ stage, operation }) => stage === 'sync' && operation === 'HeadObject');
  expect(ofStage.map(({ key }) => key)).toContain(`2026/${nameOf(21)}`);
  expect(await images.registered(nameOf(21))).toMatchObject({ state: 'registered' });
  expect(await images.registered(nameOf(4))).toMatchObject({ state: 'deleted' });
}, 60_000);

describe('while access is missing, images wait, and the state says why', () => {
  const withoutRead = () => images.setRole(['read']);
  const withoutKey = () => images.setRole(['useKey']);
  const deleted = () => images.deleteRole();
  const otherId = () => images.replaceExternalId('an-id-that-somebody-else-agreed-on');
  const gone = { code: 'ROLE_NOT_ASSUMABLE', scope: 'datasource', action: 'sts:AssumeRole' };
  test.each([
    ['the role may not read', withoutRead, { code: 'DENIED', scope: 'object', action: 's3:GetObject' }, 30],
    ['the role may not use the key', withoutKey, { code: 'KMS_DENIED', action: 'kms:Decrypt' }, 40],
    ['the role is deleted', deleted, gone, 50],
    ['the role asks for another external ID', otherId, gone, 60],
  ])(
    '%s',
    async (_, takeAway, problem, first) => {
      const began = Date.now();
      takeAway();
      for (const scene of [first, first + 1]) await put(scene);
      await flow.cloud.idle();
      const shut = await images.status();
      expect(shut.problem).toMatchObject({ use: 'INPUT', ...problem });
      expect(shut.counts.held).toBe(2);
      expect(await images.registered(nameOf(first))).toBeUndefined();
      const tried = (await images.reconcile()).lastVerified;
      expect(tried?.at).toBeGreaterThanOrEqual(began);
      expect(tried).toMatchObject({
        ...{ canRead: false, canList: problem.action !== gone.action },
        errors: { canRead: expect.stringContaining(problem.action) },
      });
      images.deleteRole();
      images.setRole();
      const { lastVerified } = await images.untilWell();
      expect(lastVerified).toMatchObject({ canList: true, canRead: true });
      expect(lastVerified).not.toHaveProperty('errors');
      for (const scene of [first, first + 1]) {
        const isRegistered = (raw: unknown) => raw !== undefined;
        const raw = await eventually(() => images.registered(nameOf(scene)), isRegistered);
        expect(raw).toMatchObject({ state: 'registered', bucket: images.bucket });
      }
    },
    120_000,
  );
});

test('while the role may not list, what events tell of is taken in, and the state says what is missing', async () => {
  images.setRole(['list']);
  await put(70);
  await flow.cloud.idle();
  expect(await images.registered(nameOf(70))).toMatchObject({ state: 'registered' });
  await images.sync();
  await flow.cloud.idle();
  const shut = await images.reconcile();
  expect(shut.sync).toMatchObject({ state: 'FAILED', error: expect.stringContaining('s3:ListBucket') });
  expect(shut.problem).toMatchObject({ use: 'INPUT', code: 'DENIED', action: 's3:ListBucket' });
  expect(shut.lastVerified).toMatchObject({
    ...{ canList: false, errors: { canList: expect.stringContaining('s3:ListBucket') } },
  });
  images.setRole();
  const { lastVerified } = await images.untilWell();
  expect(lastVerified).not.toHaveProperty('errors');
  expect((await eventually(images.status, ({ sync }) => sync?.state === 'DONE')).problem).toBeUndefined();
}, 120_000);

test('while what is made of images may not be written, they wait, and the state says so', async () => {
  await images.connectResults(['write']);
  let last = 79;
  // Processes know the datasources of a dataset for some seconds.
  const putAnother = async () => {
    last += 1;
    await put(last);
    await flow.cloud.idle();
    return images.status();
  };
  const { problem, counts } = await eventually(putAnother, (status) => status.problem !== undefined, 60_000);
  expect(problem).toMatchObject({ use: 'LIGHTLY', code: 'DENIED', action: 's3:PutObject' });
  expect(counts.held).toBe(1);
  expect(await images.registered(nameOf(last))).toBeUndefined();
  expect((await images.reconcile()).lastVerified).toMatchObject({
    ...{ canRead: true, canWrite: false, canOverwrite: false },
    errors: { canWrite: expect.stringContaining('s3:PutObject') },
  });
  images.setResultsRole();
  const { lastVerified } = await images.untilWell();
  expect(lastVerified).toMatchObject({ canWrite: true, canOverwrite: true });
  const raw = await eventually(
    () => images.registered(nameOf(last)),
    (found) => found !== undefined,
  );
  expect(raw).toMatchObject({ state: 'registered', thumbIn: 'LIGHTLY' });
}, 120_000);

describe('all this', () => {
  test('was throttled, took more than one session, and left nothing in a dead-letter queue', () => {
    const sessions = requests.filter(({ operation }) => operation === 'AssumeRole');
    expect(sessions.length).toBeGreaterThan(2);
    expect(throttled).toBeGreaterThan(0);
    expect(flow.cloud.deadLetters()).toEqual({});
  });

  test('only read the bucket: nothing that could change it was as much as tried', () => {
    const asked = requests.filter(({ bucket }) => bucket === images.bucket).map(({ operation }) => operation);
    const reads = ['GetObject', 'GetObjectTagging', 'HeadObject', 'ListObjectsV2'];
    expect([...new Set(asked)].filter((operation) => !reads.includes(operation))).toEqual([]);
    expect(asked).toContain('GetObject');
    expect(asked).toContain('ListObjectsV2');
  });
});
