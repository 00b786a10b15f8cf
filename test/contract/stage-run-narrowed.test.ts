import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { datasourceConnections } from '#aws/datasource-connections';
import type { DatasourceConfig } from '#contracts/datasources';
import { RetryableError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { type DatasetImages, datasetImages } from '#platform/datasources/dataset-images';
import { newId } from '../support/documents.ts';
import { datasetWithImages, entry, putLightly, resultOf } from '../support/given-files.ts';
import { newDataset, type RunWorld, startRunWorld } from '../support/run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

const DIVERSE = [entry({ type: 'EMBEDDINGS' }, { type: 'DIVERSITY' })];

describe('a run with a list of relevant files', () => {
  const run = async (dataset: Dataset, file: string) =>
    resultOf(world, dataset, { docker: { relevantFilenamesFile: file }, nSamples: 9, strategies: DIVERSE });

  test('leaves the other images alone', async () => {
    const dataset = await datasetWithImages(world, ['a.jpg', 'in/b.jpg', 'in/c.jpg', 'd.jpg']);
    await putLightly(world, dataset, { 'lists/today.txt': 'a.jpg\nin/* in/c*\nmissing.jpg\n' });
    const { state, chosen, pending, warnings } = await run(dataset, '.lightly/lists/today.txt');
    expect([state, chosen, pending]).toEqual(['COMPLETED', ['a.jpg', 'in/b.jpg'], ['d.jpg', 'in/c.jpg']]);
    expect(warnings).toEqual(['2 of 4 images are not in .lightly/lists/today.txt: left alone.']);
  });

  test.each([
    [
      'is not there',
      '.lightly/none.txt',
      /docker.relevantFilenamesFile '.lightly\/none.txt'.*there is no file/,
    ],
    ['is not below .lightly/', 'list.txt', /must be below '.lightly\/'/],
    ['leads out of the folder', '.lightly/../list.txt', /relevantFilenamesFile/],
    ['has a line that is no path', '.lightly/bad.txt', /line 2/],
  ])('fails where it %s', async (_, file, reason) => {
    const dataset = await datasetWithImages(world, ['a.jpg']);
    await putLightly(world, dataset, { 'bad.txt': 'a.jpg\n../b.jpg\n' });
    const { state, last, pending } = await run(dataset, file);
    expect([state, pending]).toEqual(['FAILED', ['a.jpg']]);
    expect(last).toMatch(reason);
  });
});

describe('a run over images that expire', () => {
  const DAY_MS = 24 * 60 * 60 * 1000;
  const daysLeft: Readonly<Record<string, number>> = { 'old.jpg': 1, 'new.jpg': 20 };
  const run = async (handlingStrategy: string, minDaysToExpiration: number) => {
    const dataset = await datasetWithImages(world, ['a.jpg', 'new.jpg', 'old.jpg']);
    const head: DatasetImages['head'] = async (_, { key }) => {
      const name = key.slice(key.lastIndexOf('/') + 1);
      const days = daysLeft[name];
      const described = { name, size: 1, lastModified: 0, eTag: 'e', metadata: {}, tagCount: 0 };
      return days === undefined ? described : { ...described, expiresAt: world.clock.at + days * DAY_MS };
    };
    const datasetImages = { ...world.datasetImages, head };
    const docker = { datasource: { inputExpiration: { minDaysToExpiration, handlingStrategy } } };
    return resultOf({ ...world, datasetImages }, dataset, { docker, nSamples: 9, strategies: DIVERSE });
  };

  test('leaves those alone that are deleted too soon', async () => {
    const { state, chosen, pending, warnings } = await run('SKIP', 7);
    expect([state, chosen, pending]).toEqual(['COMPLETED', ['a.jpg', 'new.jpg'], ['old.jpg']]);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^1 images are deleted .* within 7 days, the first of them 'old.jpg' on 2026-.*left alone/,
      ),
    ]);
  });

  test('ends, where it is told to', async () => {
    const { state, last, pending } = await run('ABORT', 30);
    expect([state, pending]).toEqual(['ABORTED', ['a.jpg', 'new.jpg', 'old.jpg']]);
    expect(last).toMatch(/^2 images .*inputExpiration/);
  });

  test('goes on, where they stay long enough', async () => {
    expect((await run('ABORT', 1)).state).toBe('COMPLETED');
  });
});

test('S3 tells with an object when it expires', async () => {
  const answers: Readonly<Record<string, [status: number, headers: Record<string, string>]>> = {
    '/landing/shop/old.jpg': [
      200,
      { 'x-amz-expiration': 'expiry-date="Fri, 23 Jan 2026 00:00:00 GMT", rule-id="month"' },
    ],
    '/landing/shop/kept.jpg': [200, {}],
    '/landing/shop/gone.jpg': [404, {}],
    '/landing/shop/forbidden.jpg': [403, {}],
  };
  const server = createServer(({ url = '' }, response) => {
    const [path = ''] = url.split('?');
    const [status, headers] = answers[path] ?? [500, {}];
    response.writeHead(status, headers).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const credentials = { accessKeyId: 'AKIDCONTRACTTEST', secretAccessKey: 'not-a-secret' };
  const s3 = {
    ...{ endpoint: `http://127.0.0.1:${port}`, region: 'eu-central-1', credentials },
    ...{ forcePathStyle: true, maxAttempts: 1 },
  };
  const images = datasetImages({
    datasources: world.datasources,
    datasourceConnections: datasourceConnections({ s3 }),
    now: Date.now,
  });
  const made = await newDataset(world);
  const dataset = { ...made, landingFolder: { bucket: 'landing', prefix: 'shop/' } };
  const ofImage = async (name: string) =>
    (await images.head(dataset, { bucket: 'landing', key: `shop/${name}.jpg` }))?.expiresAt;
  try {
    expect(await ofImage('old')).toBe(Date.UTC(2026, 0, 23));
    expect(await ofImage('kept')).toBeUndefined();
    expect(await ofImage('gone')).toBeUndefined();
    await expect(ofImage('forbidden')).rejects.toThrow(RetryableError);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

describe('a run of a dataset with a LIGHTLY datasource', () => {
  const wet = [entry({ type: 'METADATA', key: 'rain' }, { type: 'WEIGHTS' })];

  async function datasetWithLightly(bucket: string) {
    const dataset = await datasetWithImages(world, ['a.jpg', 'b.jpg']);
    const config: DatasourceConfig = {
      ...{ type: 'S3', purpose: 'LIGHTLY', fullPath: `s3://${bucket}/own/`, s3Region: 'eu-central-1' },
      ...{ s3AccessKeyId: 'AKIDCONTRACTTEST', s3SecretAccessKey: 'not-a-secret' },
    };
    const datasources = { datasetId: dataset.id, version: 1, configs: [config], lastModifiedAt: world.now() };
    await world.datasources.replace(datasources);
    return dataset;
  }

  test('reads what is given there, and leaves nothing behind', async () => {
    const bucket = `own-${newId()}`;
    await world.s3.send(new CreateBucketCommand({ Bucket: bucket }));
    const dataset = await datasetWithLightly(bucket);
    const place = { ...dataset, platformFolder: { bucket, prefix: 'own/' } };
    const rain = (value: number) => ({ metadata: { rain: value } });
    await putLightly(world, place, { 'metadata/a.json': rain(1), 'metadata/b.json': rain(2) });
    // In Winnow's own bucket it says the opposite.
    await putLightly(world, dataset, { 'metadata/a.json': rain(2), 'metadata/b.json': rain(1) });
    expect(await resultOf(world, dataset, { strategies: wet })).toMatchObject({
      chosen: ['b.jpg'],
      warnings: [],
    });
    const left = await Array.fromAsync(world.objects.list(bucket, ''));
    expect(left.map(({ key }) => key)).toEqual([
      'own/.lightly/metadata/a.json',
      'own/.lightly/metadata/b.json',
    ]);
  });

  test('waits where it can not be read, and says what was refused', async () => {
    const dataset = await datasetWithLightly(`missing-${newId()}`);
    const { state, last } = await resultOf(world, dataset, { strategies: wet });
    expect(state).toBe('LOADING_DATASET');
    expect(last).toMatch(/^Waiting for the datasource: .*missing-.* does not exist/);
    expect((await world.datasourceStates.get(dataset.id))?.problem).toMatchObject({
      ...{ use: 'LIGHTLY', code: 'NO_SUCH_BUCKET', scope: 'datasource' },
    });
  });

  test('waits later where it is not to be tried before', async () => {
    const dataset = await datasetWithLightly(`missing-${newId()}`);
    const docker = { datasource: { bypassVerify: true } };
    expect((await resultOf(world, dataset, { docker, strategies: wet })).state).toBe('LOADING_METADATA');
  });

  test('does not look at it where it needs nothing of it', async () => {
    const dataset = await datasetWithLightly(`missing-${newId()}`);
    expect(await resultOf(world, dataset, { strategies: DIVERSE })).toMatchObject({ state: 'COMPLETED' });
  });
});
