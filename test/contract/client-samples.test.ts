import { afterEach, describe, expect, test } from '@jest/globals';
import { JobFailedError } from '../../client/index.ts';
import { type ClientWorld, objectId, startClientWorld, TAG_ID, tagData } from '../support/client-world.ts';
import { Refusal } from '../support/protocol-server.ts';

let world: ClientWorld;
const start = async (...how: Parameters<typeof startClientWorld>) => {
  world = await startClientWorld(...how);
  return world;
};
afterEach(() => world.server.stop());

const NAMES = ['a.jpg', 'b,1.jpg', 'c.jpg'];
const embedding = (number: number, name: string, createdAt = number) => ({
  ...{ id: objectId(number), name, isProcessed: true, createdAt },
});

describe('custom metadata', () => {
  const images = NAMES.map((file_name, id) => ({ id, file_name }));

  test('go to the samples that they belong to, and others are named', async () => {
    const { client, server, warnings } = await start({
      get_samples_partial_by_dataset_id: () =>
        NAMES.map((fileName, id) => ({ id: objectId(id), fileName })).slice(0, 2),
      update_sample_by_id: () => undefined,
    });
    const metadata = [0, 1, 2, 7].map((image_id) => ({ image_id, weather: { temperature: image_id } }));
    const progress: unknown[] = [];
    await client.uploadCustomMetadata(
      { images, metadata },
      { onProgress: (step) => void progress.push(step) },
    );
    const updates = server
      .callsOf('update_sample_by_id')
      .map(({ path, body }) => [path.sampleId, body.customMetaData]);
    expect(new Map(updates as [string, object][])).toEqual(
      new Map([
        [objectId(0), metadata[0]],
        [objectId(1), metadata[1]],
      ]),
    );
    expect(warnings).toEqual([
      expect.stringContaining("no sample 'c.jpg'"),
      expect.stringContaining('image 7'),
    ]);
    expect(progress).toEqual([0, 1, 2].map((done) => ({ done, total: 2 })));
  });

  test('end with the first update that fails for good', async () => {
    const { client, server } = await start({
      get_samples_partial_by_dataset_id: () =>
        Array.from({ length: 100 }, (_, id) => ({ id: objectId(id), fileName: `${id}` })),
      update_sample_by_id: () => {
        throw new Refusal(403, 'FORBIDDEN');
      },
    });
    const ids = Array.from({ length: 100 }, (_, id) => id);
    const upload = client.uploadCustomMetadata(
      {
        images: ids.map((id) => ({ id, file_name: `${id}` })),
        metadata: ids.map((image_id) => ({ image_id })),
      },
      { workers: 2 },
    );
    await expect(upload).rejects.toMatchObject({ status: 403 });
    expect(server.callsOf('update_sample_by_id').length).toBeLessThan(5);
  });

  test('are looked at before anything is sent', async () => {
    const { client } = await start();
    expect(() => client.verifyCustomMetadataFormat({ images: [] })).toThrow("'metadata'");
    expect(client.indexCustomMetadataByFilename({ images, metadata: [{ image_id: 1, a: 1 }] })).toEqual({
      ...{ 'a.jpg': null, 'b,1.jpg': { image_id: 1, a: 1 }, 'c.jpg': null },
    });
  });

  test('have configs', async () => {
    const { client, server } = await start({ create_meta_data_configuration: () => ({ id: objectId(1) }) });
    const configs = [
      { name: 'Weather', path: 'weather', defaultValue: '', valueDataType: 'CATEGORICAL_STRING' as const },
    ];
    expect(await client.createCustomMetadataConfig('mine', configs)).toEqual({ id: objectId(1) });
    expect(server.calls[0]?.body).toEqual({ name: 'mine', configs });
  });
});

test('predictions and their schema are set', async () => {
  const { client, server } = await start({
    create_or_update_prediction_task_schema_by_dataset_id: () => ({ id: objectId(1) }),
    create_or_update_prediction_by_sample_id: () => ({ id: objectId(2) }),
  });
  const schema = { name: 'detect', type: 'OBJECT_DETECTION' as const, categories: [{ id: 0, name: 'cat' }] };
  const bbox = [0, 0, 5, 5];
  const box = { type: 'OBJECT_DETECTION' as const, taskName: 'detect', categoryId: 0, score: 0.5, bbox };
  await client.createOrUpdatePredictionTaskSchema(schema);
  await client.createOrUpdatePrediction(objectId(5), [box]);
  expect(server.calls.map(({ query, body }) => ({ query, body }))).toEqual([
    { query: {}, body: schema },
    { query: {}, body: [box] },
  ]);
});

describe('a selection', () => {
  const job = { id: objectId(8), createdAt: 1 };
  const startSelection = (statuses: ('WAITING' | 'RUNNING' | 'FAILED' | 'FINISHED' | 'lost')[]) =>
    start({
      get_tags_by_dataset_id: () => [tagData()],
      get_tag_by_tag_id: ({ path }) => tagData({ id: path.tagId, name: 'chosen' }),
      get_embeddings_by_dataset_id: () => [embedding(4, 'default')],
      trigger_sampling_by_id: () => ({ jobId: job.id }),
      get_job_status_by_id: () => {
        const status = statuses.shift() ?? 'WAITING';
        if (status === 'lost') throw new Refusal(500);
        const result = { type: 'SAMPLING', data: TAG_ID } as const;
        return {
          ...job,
          status,
          waitTimeTillNextPoll: 3,
          error: 'no luck',
          ...(status === 'FINISHED' && { result }),
        };
      },
    });

  test('waits as long as the server says, and gives the tag', async () => {
    const { client, server, waits } = await startSelection(['WAITING', 'lost', 'RUNNING', 'FINISHED']);
    const tag = await client.selection({ name: 'chosen', nSamples: 5 }, { queryTagId: TAG_ID });
    expect(tag).toMatchObject({ id: TAG_ID, name: 'chosen' });
    expect(waits).toEqual([1000, 3000, 3000, 3000]);
    expect(server.callsOf('trigger_sampling_by_id')[0]).toMatchObject({
      path: { embeddingId: objectId(4) },
      body: {
        ...{ newTagName: 'chosen', method: 'CORESET', rowCount: 3, queryTagId: TAG_ID },
        config: { stoppingCondition: { nSamples: 5, minDistance: -1 } },
      },
    });
  });

  test('that fails says why', async () => {
    const { client } = await startSelection(['FAILED']);
    const selection = client.selection({ name: 'chosen' });
    await expect(selection).rejects.toThrow(JobFailedError);
    await expect(selection).rejects.toThrow('no luck');
  });

  test('is given up when the job can not be asked for', async () => {
    const { client, waits } = await startSelection(Array.from({ length: 100 }, () => 'lost' as const));
    await expect(client.selection({ name: 'chosen' })).rejects.toMatchObject({ status: 500 });
    expect(waits).toHaveLength(20);
  });

  test('needs a name that is free', async () => {
    const { client } = await startSelection([]);
    await expect(client.selection({ name: 'initial-tag' })).rejects.toThrow("'initial-tag' already");
  });
});

test('scores are uploaded, kind by kind', async () => {
  const { client, server } = await start({
    create_or_update_active_learning_score_by_tag_id: () => ({ id: objectId(1) }),
  });
  await client.uploadScores({ entropy: new Float64Array([0.25, 0.5]), margin: [1, 0] }, TAG_ID);
  expect(server.calls.map(({ body }) => body)).toEqual([
    { scoreType: 'entropy', scores: [0.25, 0.5] },
    { scoreType: 'margin', scores: [1, 0] },
  ]);
});
