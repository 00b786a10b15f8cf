import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { datasetSettings } from '#contracts/settings';
import { sampleIdOf } from '#platform/samples/sample-id';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { addSamples, asAddedByClient, datasetWithSamples } from '../support/dataset-with-samples.ts';
import { newId, someFacts } from '../support/documents.ts';
import { embeddingsIn, readEmbedding, TWO_ROWS, uploadEmbedding } from '../support/embedding-uploads.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await startApiWorld();
});
afterAll(() => world.stop());

const { list, process, refusedProcessing, clientDataset } = embeddingsIn(() => world);

describe('the embedding that Winnow computes of images', () => {
  it('is there as soon as a sample is analysed, by a name that begins with default', async () => {
    const dataset = await clientDataset(2);
    expect(await list(dataset.id)).toEqual([]);
    await addSamples(world, dataset.id, 3);
    const [builtIn, ...others] = await list(dataset.id);
    expect(others).toEqual([]);
    expect(builtIn).toMatchObject({
      name: 'default_20260102_03h04m05s',
      isProcessed: true,
      createdAt: Date.UTC(2026, 0, 2, 3, 4, 5),
      is2d: false,
    });
    expect(await list(dataset.id)).toEqual([builtIn]);
  });

  it('is read as a CSV of the samples that are analysed, which grows with them', async () => {
    const dataset = await datasetWithSamples(world, 1, (sample) => ({
      ...sample,
      fileName: '=a, "b"\n.jpg',
    }));
    const [{ id: embeddingId } = { id: '' }] = await list(dataset.id);
    const path = { datasetId: dataset.id, embeddingId };
    const first = await readEmbedding(world, path);
    const [header = '', ...lines] = first.split('\r\n');
    expect(header.split(',')).toHaveLength(258);
    expect(header).toMatch(/^filenames,embedding_0,.*,embedding_255,labels$/);
    expect(lines.join('\r\n')).toMatch(/^"=a, ""b""\n\.jpg",[-0-9.e,]+,0\r\n$/);
    const vector = lines.join('').split('",')[1]?.split(',').slice(0, 256).map(Number);
    expect(Float32Array.from(vector ?? [])).toEqual(someFacts(0).embedding);
    await addSamples(world, dataset.id, 2, asAddedByClient);
    await addSamples(world, dataset.id, 3);
    const names = (await readEmbedding(world, path)).match(/image-\d\.jpg/g);
    expect(names).toEqual(['image-2.jpg']);
  });

  it('stays as long as its images do', async () => {
    const dataset = await datasetWithSamples(world, 1);
    const [{ id: embeddingId } = { id: '' }] = await list(dataset.id);
    const path = { datasetId: dataset.id, embeddingId };
    expect((await world.refused('delete_embedding_by_id', { path })).status).toBe(400);
    await process(path, 1);
    expect(await list(dataset.id)).toHaveLength(1);
  });

  it('is one of each model: after a change, that of the samples which the new one has described', async () => {
    const dataset = await datasetWithSamples(world, 2);
    const [before] = await list(dataset.id);
    const settings = datasetSettings.parse({ ingest: { embeddingModel: 'tiny/1' } });
    await world.deps.datasets.replaceSettings(dataset.id, settings, 0);
    expect(await list(dataset.id)).toEqual([]);
    const [described, waiting] = await Array.fromAsync(world.deps.samples.range(dataset.id, 0, 2));
    const vector = Float32Array.of(0.6, 0.8);
    const facts = { ...someFacts(0), embeddingModel: 'tiny/1', embedding: vector };
    await world.deps.samples.refresh({ ...described!, facts });
    const [after] = await list(dataset.id);
    expect(after).toMatchObject({ name: 'default_20260102_03h04m05s_tiny_1' });
    expect(after?.id).not.toBe(before?.id);
    const csv = await readEmbedding(world, { datasetId: dataset.id, embeddingId: after!.id });
    expect(csv.trim().split('\r\n')).toEqual([
      'filenames,embedding_0,embedding_1,labels',
      `${described!.fileName},0.600000024,0.800000012,0`,
    ]);
    const path = { datasetId: dataset.id, sampleId: waiting!.id };
    expect(await world.call('get_embeddings_by_sample_id', { path })).toEqual([]);
  });

  it('has a name that nobody else can have', async () => {
    const dataset = await datasetWithSamples(world, 1);
    const [{ name } = { name: '' }] = await list(dataset.id);
    const query = { name };
    const refusal = await world.refused('get_embeddings_csv_write_url_by_id', {
      path: { datasetId: dataset.id },
      query,
    });
    expect({ status: refusal.status, code: refusal.error.code }).toEqual({
      status: 409,
      code: 'EMBEDDING_NAME_EXISTS',
    });
    expect(await list(dataset.id)).toHaveLength(1);
  });
});

describe('an embedding that is uploaded', () => {
  it('is processed once its CSV was found to be valid, in any order of its rows', async () => {
    const { id } = await clientDataset(2);
    const path = await uploadEmbedding(world, id, 'mine', TWO_ROWS);
    expect(await list(id)).toMatchObject([{ id: path.embeddingId, name: 'mine', isProcessed: false }]);
    await process(path, 2);
    await process(path, 2);
    expect(await list(id)).toMatchObject([{ id: path.embeddingId, name: 'mine', isProcessed: true }]);
    expect(await readEmbedding(world, path)).toBe(TWO_ROWS);
  });

  it('is processed when it is first read, for clients that never say that they are done', async () => {
    const { id } = await clientDataset(2);
    const path = await uploadEmbedding(world, id, 'mine', TWO_ROWS);
    expect(await readEmbedding(world, path)).toBe(TWO_ROWS);
    expect(await list(id)).toMatchObject([{ isProcessed: true }]);
  });

  it('does not change when its file is put once more afterwards', async () => {
    const { id } = await clientDataset(2);
    const path = { datasetId: id };
    const query = { name: 'mine' };
    const { embeddingId, signedWriteUrl } = await world.call('get_embeddings_csv_write_url_by_id', {
      path,
      query,
    });
    await fetch(signedWriteUrl, { method: 'PUT', body: TWO_ROWS });
    await process({ ...path, embeddingId }, 2);
    await fetch(signedWriteUrl, { method: 'PUT', body: 'something else' });
    expect(await readEmbedding(world, { ...path, embeddingId })).toBe(TWO_ROWS);
  });

  it('may be announced again until it is processed; then its name is taken', async () => {
    const { id } = await clientDataset(2);
    const first = await uploadEmbedding(world, id, 'mine', 'not what was meant');
    expect((await refusedProcessing(first, 2)).code).toBe('EMBEDDING_INVALID');
    const second = await uploadEmbedding(world, id, 'mine', TWO_ROWS);
    expect(second).toEqual(first);
    await process(second, 2);
    const refusal = await world.refused('get_embeddings_csv_write_url_by_id', {
      path: { datasetId: id },
      query: { name: 'mine' },
    });
    expect({ status: refusal.status, code: refusal.error.code }).toEqual({
      status: 409,
      code: 'EMBEDDING_NAME_EXISTS',
    });
  });

  it('may have the columns and the quotes that the protocol’s programs write', async () => {
    const { id } = await datasetWithSamples(world, 1, (sample) => ({
      ...asAddedByClient(sample),
      fileName: 'ü, "x".jpg',
    }));
    const file =
      '\ufefffilenames,embedding_0,masked,selected,labels,more\r\n"ü, ""x"".jpg",1e-3,0,1,5,"a\nb"\r\n';
    await process(await uploadEmbedding(world, id, 'mine', file), 1);
    expect(await list(id)).toMatchObject([{ isProcessed: true }]);
  });

  it('needs no name', async () => {
    const { id } = await clientDataset(1);
    await world.call('get_embeddings_csv_write_url_by_id', { path: { datasetId: id } });
    const [{ name } = { name: '' }] = await list(id);
    expect(name).toMatch(/^embedding_\d{8}_\d\dh\d\dm\d\ds$/);
  });

  it('is not ready before its file is there', async () => {
    const { id } = await clientDataset(2);
    const { embeddingId } = await world.call('get_embeddings_csv_write_url_by_id', {
      path: { datasetId: id },
    });
    const path = { datasetId: id, embeddingId };
    expect(await refusedProcessing(path, 2)).toMatchObject({ status: 400, code: 'EMBEDDING_NOT_READY' });
    const { status, error } = await world.refused('get_embeddings_csv_read_url_by_id', { path });
    expect({ status, code: error.code }).toEqual({ status: 400, code: 'EMBEDDING_NOT_READY' });
  });

  it('goes with its files, and its name is free again', async () => {
    const { id } = await clientDataset(2);
    const path = await uploadEmbedding(world, id, 'mine', TWO_ROWS);
    await process(path, 2);
    await world.call('delete_embedding_by_id', { path });
    expect(await list(id)).toEqual([]);
    const { objects, buckets } = world.deps;
    expect(await Array.fromAsync(objects.list(buckets.platform, `datasets/${id}/embeddings/`))).toEqual([]);
    const { status, error } = await world.refused('delete_embedding_by_id', { path });
    expect({ status, code: error.code }).toEqual({ status: 404, code: 'EMBEDDING_UNKNOWN' });
    expect((await refusedProcessing(await announce(id), 2)).code).toBe('EMBEDDING_NOT_READY');
  });

  it('has a name of 1 to 255 characters', async () => {
    const { id } = await clientDataset(1);
    for (const name of ['', 'x'.repeat(256)]) {
      const { status, error } = await world.refused('get_embeddings_csv_write_url_by_id', {
        path: { datasetId: id },
        query: { name },
      });
      expect(status).toBe(400);
      expect(error.error).toContain('name: expected 1 to 255 characters');
    }
  });
});

const announce = async (datasetId: string) => {
  const query = { name: 'mine' };
  const { embeddingId } = await world.call('get_embeddings_csv_write_url_by_id', {
    path: { datasetId },
    query,
  });
  return { datasetId, embeddingId };
};

describe('embeddings of a dataset', () => {
  it('are listed newest first, the built-in one as old as the dataset', async () => {
    const { id } = await datasetWithSamples(world, 2);
    const path = await uploadEmbedding(world, id, 'mine', TWO_ROWS);
    expect((await list(id)).map(({ name }) => name)).toEqual(['mine', 'default_20260102_03h04m05s']);
    await process(path, 2);
    const ofSample = (index: number) =>
      world.call('get_embeddings_by_sample_id', {
        path: { datasetId: id, sampleId: sampleIdOf(id, index) },
        query: { mode: 'full' },
      });
    expect(await ofSample(0)).toEqual([
      { id: path.embeddingId, dataset: id, name: 'mine' },
      expect.objectContaining({ dataset: id, name: 'default_20260102_03h04m05s' }),
    ]);
    await addSamples(world, id, 3, asAddedByClient);
    expect(await ofSample(2)).toEqual([]);
  });

  it('are not found by another dataset’s id, nor by one that is none', async () => {
    const { id } = await clientDataset(2);
    const other = await clientDataset(2);
    const { embeddingId: foreign } = await uploadEmbedding(world, other.id, 'mine', TWO_ROWS);
    for (const embeddingId of [foreign, newId(), '../x']) {
      const path = { datasetId: id, embeddingId };
      for (const operation of [
        'delete_embedding_by_id',
        'set_embeddings_is_processed_flag_by_id',
        'get_embeddings_csv_read_url_by_id',
      ] as const) {
        const { status, error } = await world.refused(operation, { path, body: { rowCount: 2 } });
        expect({ status, code: error.code }).toEqual({ status: 404, code: 'EMBEDDING_UNKNOWN' });
      }
    }
    const sample = { path: { datasetId: id, sampleId: newId() } };
    expect((await world.refused('get_embeddings_by_sample_id', sample)).error.code).toBe('SAMPLE_UNKNOWN');
  });
});
