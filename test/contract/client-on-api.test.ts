import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  ApiError,
  ApiWorkflowClient,
  type ComputeWorkerRunInfo,
  TagDoesNotExistError,
} from '../../client/index.ts';
import { sharpOf, textured } from '../support/analysed-images.ts';
import { startApiServer } from '../support/api-server.ts';
import { ADMINISTRATOR_TOKEN, type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { builtInWorkerOf, registerImage } from '../support/built-in-worker.ts';
import { newId } from '../support/documents.ts';

let world: ApiWorld;
let server: Awaited<ReturnType<typeof startApiServer>>;
let folder: string;
let client: ApiWorkflowClient;
const clientOf = (token: string) => new ApiWorkflowClient({ token, serverLocation: server.url });

beforeAll(async () => {
  world = await startApiWorld();
  server = await startApiServer(world);
  folder = await mkdtemp(join(tmpdir(), 'winnow-client-'));
  await mkdir(join(folder, 'images', 'deep'), { recursive: true });
  for (const [seed, name] of NAMES.entries()) {
    await writeFile(
      join(folder, 'images', name),
      await sharpOf(textured(80, 60, seed))
        .jpeg()
        .toBuffer(),
    );
  }
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await server.stop();
  await world.stop();
});
const NAMES = ['a.jpg', 'b, c.jpg', 'deep/ü.jpg'];

beforeEach(async () => {
  client = clientOf(ADMINISTRATOR_TOKEN);
  await client.createDataset(`clothing ${newId()}`);
});
const upload = () => client.uploadFolder(join(folder, 'images'), { workers: 1 });

describe('images', () => {
  test('come back as they were uploaded', async () => {
    const { uploaded, failed, tagId } = await upload();
    expect([uploaded, failed]).toEqual([3, []]);
    expect(await client.getFilenames()).toEqual(NAMES);
    expect(await client.getAllTags()).toMatchObject([{ id: tagId, name: 'initial-tag', bitMaskData: '0x7' }]);

    const target = join(folder, newId());
    await expect(client.downloadDataset(target)).resolves.toEqual({
      downloaded: 3,
      skipped: 0,
      gone: 0,
      failed: [],
    });
    for (const name of NAMES) {
      const [sent, received] = [join(folder, 'images', name), join(target, name)];
      expect((await readFile(received)).equals(await readFile(sent))).toBe(true);
    }
    expect((await readdir(target, { recursive: true })).sort()).toEqual([
      'a.jpg',
      'b, c.jpg',
      'deep',
      'deep/ü.jpg',
    ]);
  });

  test('are uploaded once, also several at a time, and new ones get a tag', async () => {
    const parallel = await client.uploadFolder(join(folder, 'images'));
    expect(parallel).toMatchObject({ uploaded: 3, failed: [] });
    await expect(upload()).resolves.toMatchObject({ uploaded: 0, skipped: 3, tagId: undefined });
    const more = join(folder, newId());
    await mkdir(more);
    await writeFile(join(more, 'new.png'), await sharpOf(textured(30, 30)).png().toBuffer());
    const { tagId } = await client.uploadFolder(more);
    const [newest, initial] = await client.getAllTags();
    expect(newest).toMatchObject({ id: tagId, bitMaskData: '0x8' });
    expect(initial).toMatchObject({ name: 'initial-tag', bitMaskData: '0xf', totSize: 4 });
  });

  test('can be known by their metadata alone', async () => {
    await client.uploadFolder(join(folder, 'images'), { mode: 'metadata' });
    expect(await client.getFilenames()).toHaveLength(3);
    await expect(client.downloadDataset(join(folder, newId()))).rejects.toThrow('no full images');
  });
});

describe('tags', () => {
  test('are made of file names, read back, and deleted', async () => {
    await upload();
    const tag = await client.createTagFromFilenames(['deep/ü.jpg', 'a.jpg'], 'chosen');
    expect(tag).toMatchObject({ name: 'chosen', bitMaskData: '0x5', totSize: 3 });
    expect(await client.getSamplesInTag('chosen')).toEqual(['a.jpg', 'deep/ü.jpg']);
    expect(await client.getFilenamesInTag(await client.getTagByName('initial-tag'))).toEqual(NAMES);
    await client.deleteTagByName('chosen');
    await expect(client.getTagByName('chosen')).rejects.toThrow(TagDoesNotExistError);
  });

  test('are exported to every labelling tool', async () => {
    await upload();
    const tag = await client.createTagFromFilenames(['b, c.jpg'], 'chosen');
    const rows = await Promise.all([
      client.exportLabelStudioTasksByTagName('chosen'),
      client.exportLabelBoxDataRowsByTagId(tag.id),
      client.exportLabelBoxV4DataRowsByTagId(tag.id),
      client.exportSamaTasksByTagId(tag.id),
    ]);
    expect(rows.map(({ length }) => length)).toEqual([1, 1, 1, 1]);
    expect(await client.exportFilenamesByTagName('initial-tag')).toBe(NAMES.join('\n'));
    const [urls, ...others] = await client.exportFilenamesAndReadUrlsByTagName('chosen');
    expect([urls?.fileName, others]).toEqual(['b, c.jpg', []]);
    expect(urls?.datasourceUrl).toMatch(/^s3:\/\//);
  });
});

test('embeddings are uploaded, added to, and downloaded', async () => {
  await upload();
  const file = join(folder, `${newId()}.csv`);
  const row = (name: string, value: number) => `"${name}",${value},${value + 1},0\n`;
  const header = 'filenames,embedding_0,embedding_1,labels\n';
  await writeFile(file, header + [...NAMES].reverse().map(row).join(''));
  await client.uploadEmbeddings(file, 'default_mine');
  expect((await client.getEmbeddingDataByName('default_mine')).id).toBe(client.embeddingId);

  await writeFile(file, header + row('a.jpg', 50));
  await client.uploadEmbeddings(file, 'default_mine');
  const target = join(folder, `${newId()}.csv`);
  await client.downloadEmbeddingsCsvById(client.embeddingId as string, target);
  const lines = (await readFile(target, 'utf8')).split(/\r?\n/);
  expect(lines.slice(0, 4)).toEqual([header.trim(), 'a.jpg,50,51,0', '"b, c.jpg",1,2,0', 'deep/ü.jpg,0,1,0']);
});

test('metadata, their configs and predictions reach their samples', async () => {
  await upload();
  const images = NAMES.map((file_name, id) => ({ id, file_name }));
  await client.uploadCustomMetadata({ images, metadata: [{ image_id: 1, weather: 'rainy' }] });
  const datasetId = await client.getDatasetId();
  const query = { fileName: 'b, c.jpg' };
  const [sample] = await client.call('get_samples_by_dataset_id', { path: { datasetId }, query });
  expect(sample?.customMetaData).toEqual({ image_id: 1, weather: 'rainy' });

  const config = {
    name: 'Weather',
    path: 'weather',
    defaultValue: '',
    valueDataType: 'CATEGORICAL_STRING' as const,
  };
  expect(await client.createCustomMetadataConfig('weather', [config])).toEqual({ id: expect.any(String) });

  const name = 'detect';
  await client.createOrUpdatePredictionTaskSchema({
    ...{ name, type: 'OBJECT_DETECTION', categories: [{ id: 0, name: 'shirt' }] },
  });
  const bbox = [1, 2, 30, 40];
  const box = { type: 'OBJECT_DETECTION' as const, taskName: name, categoryId: 0, score: 0.5, bbox };
  const sampleId = sample?.id as string;
  await client.createOrUpdatePrediction(sampleId, [box]);
  expect(await client.call('get_predictions_by_sample_id', { path: { datasetId, sampleId } })).toMatchObject([
    box,
  ]);
});

test('a run is scheduled, watched, and canceled', async () => {
  await client.registerComputeWorker({ name: `worker ${newId()}` });
  const scheduledRunId = await client.scheduleComputeWorkerRun({
    workerConfig: { use_datapool: true },
    selectionConfig: {
      n_samples: 2,
      strategies: [
        {
          input: { type: 'EMBEDDINGS' },
          strategy: { type: 'DIVERSITY', stopping_condition_minimum_distance: 0.1 },
        },
      ],
    },
  });
  expect(await client.getScheduledComputeWorkerRuns()).toMatchObject([{ id: scheduledRunId, state: 'OPEN' }]);
  const states: string[] = [];
  for await (const info of client.computeWorkerRunInfoGenerator(scheduledRunId, { pollInterval: 1 })) {
    states.push(info.state);
    if (info.state === 'OPEN') await client.cancelScheduledComputeWorkerRun(scheduledRunId);
  }
  expect(states).toEqual(['OPEN', 'CANCELED_OR_NOT_EXISTING']);
});

test('a run that the built-in worker carries out has tags, logs and artifacts', async () => {
  const datasetId = await client.getDatasetId();
  for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) await registerImage(world, datasetId, name);
  const strategies = [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }];
  const scheduledId = await client.scheduleComputeWorkerRun({ selectionConfig: { nSamples: 2, strategies } });
  let last: ComputeWorkerRunInfo | undefined;
  for await (last of client.computeWorkerRunInfoGenerator(scheduledId, { pollInterval: 1 })) {
    if (last.state === 'OPEN') await builtInWorkerOf(world).deliver({ datasetId, scheduledId });
  }
  expect(last?.endedSuccessfully()).toBe(true);

  const run = await client.getComputeWorkerRunFromScheduledRun(scheduledId);
  expect(await client.getComputeWorkerRuns({ datasetId })).toEqual([run]);
  const [tag] = await client.getComputeWorkerRunTags(run.id);
  expect(await client.getSamplesInTag(tag?.name as string)).toHaveLength(2);
  const logs: string[] = [];
  for await (const { msg } of client.getComputeWorkerRunLogsIter(run.id)) logs.push(msg);
  expect(logs.length).toBeGreaterThan(0);
  const target = join(folder, newId());
  await client.downloadComputeWorkerRunArtifacts(run, target);
  expect((await readdir(target)).sort()).toEqual(run.artifacts?.map(({ fileName }) => fileName).sort());
  await client.downloadComputeWorkerRunReportV2Json(run, join(target, 'mine.json'));
  expect(JSON.parse(await readFile(join(target, 'mine.json'), 'utf8'))).toHaveProperty('generalInformation');
});

test('a config that is wrong in a way that only the server knows is refused with its reason', async () => {
  const strategies = [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'NO_STRATEGY' } }];
  const scheduling = client.scheduleComputeWorkerRun({ selectionConfig: { nSamples: 1, strategies } });
  await expect(scheduling).rejects.toThrow(ApiError);
  await expect(scheduling).rejects.toMatchObject({ status: 400, requestId: 'request-1' });
});

test('a dataset is shared, used by another user, and no longer', async () => {
  const { token } = await world.addUser('ann@example.com');
  const datasetId = await client.getDatasetId();
  const ann = clientOf(token);
  await expect(ann.setDatasetId(datasetId)).rejects.toThrow();
  await client.shareDatasetOnlyWith(datasetId, ['ann@example.com']);
  expect(await client.getSharedUsers(datasetId)).toEqual(['ann@example.com']);
  expect(await ann.getDatasets({ shared: true })).toMatchObject([{ id: datasetId }]);
  await client.shareDatasetOnlyWith(datasetId, []);
  expect(await ann.getDatasets({ shared: true })).toEqual([]);
});

test('datasets are found by their names, and deleted', async () => {
  const name = `winter ${newId()}`;
  await client.createDataset(name);
  await client.createNewDatasetWithUniqueName(name);
  expect(await client.datasetNameExists(`${name}_1`)).toBe(true);
  await client.setDatasetIdByName(name);
  const { id } = await client.getDatasetById(await client.getDatasetId());
  await client.deleteDatasetById(id);
  expect(client.datasetId).toBeUndefined();
  expect(await client.datasetExists(id)).toBe(false);
});
