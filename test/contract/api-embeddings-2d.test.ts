import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { carryOutJobs } from '../support/carried-out-jobs.ts';
import { asAddedByClient, datasetWithSamples } from '../support/dataset-with-samples.ts';
import { newId } from '../support/documents.ts';
import { embeddingsCsv, uploadEmbedding } from '../support/embedding-uploads.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await startApiWorld();
});
afterAll(() => world.stop());

/** Two groups, far from each other, in turn. */
const rowsOf = (count: number) =>
  Array.from(
    { length: count },
    (_, at) => [`image-${at}.jpg`, (at % 2) * 100, Math.sin(at), Math.cos(at * 7)] as const,
  );

async function uploadedEmbedding(count: number) {
  const { id } = await datasetWithSamples(world, count, asAddedByClient);
  return uploadEmbedding(world, id, 'mine', embeddingsCsv(rowsOf(count)));
}
const pictures = (path: { datasetId: string; embeddingId: string }) =>
  world.call('get_embeddings2d_by_embedding_id', { path });
const METHODS = ['PCA', 'TSNE', 'UMAP'] as const;

describe('pictures of an embedding in the plane', () => {
  it('are drawn in the background by every method that clients ask for after an upload', async () => {
    const path = await uploadedEmbedding(20);
    for (const dimensionalityReductionMethod of METHODS) {
      await world.call('trigger2d_embeddings_job', { path, body: { dimensionalityReductionMethod } });
    }
    expect((await carryOutJobs(world)).map(({ state }) => state)).toEqual([
      'FINISHED',
      'FINISHED',
      'FINISHED',
    ]);
    const drawn = await pictures(path);
    expect(drawn.map((picture) => picture.dimensionalityReductionMethod).sort()).toEqual(METHODS);
    for (const picture of drawn) {
      const { coordinatesDimension1: x = [], coordinatesDimension2: y = [] } = picture;
      expect(picture).toMatchObject({ ...path, name: 'mine__2d' });
      expect([x.length, y.length]).toEqual([20, 20]);
      const byId = { path: { ...path, embedding2dId: picture.id } };
      expect(await world.call('get_embedding2d_by_id', byId)).toEqual(picture);
    }
    const list = await world.call('get_embeddings_by_dataset_id', { path });
    expect(list).toMatchObject([{ isProcessed: true, is2d: true }]);
  });

  it('are drawn of the built-in embedding too, and drawing again replaces them', async () => {
    const { id: datasetId } = await datasetWithSamples(world, 3);
    const [{ id: embeddingId } = { id: '' }] = await world.call('get_embeddings_by_dataset_id', {
      path: { datasetId },
    });
    const path = { datasetId, embeddingId };
    const body = { dimensionalityReductionMethod: 'PCA' } as const;
    await world.call('trigger2d_embeddings_job', { path, body });
    await carryOutJobs(world);
    const [first] = await pictures(path);
    await world.call('trigger2d_embeddings_job', { path, body });
    await carryOutJobs(world);
    expect(await pictures(path)).toEqual([{ ...first, createdAt: expect.any(Number) }]);
    expect(first?.coordinatesDimension1).toHaveLength(3);
  });

  it('are not asked for where the uploaded file is not valid', async () => {
    const { id } = await datasetWithSamples(world, 1, asAddedByClient);
    const path = await uploadEmbedding(world, id, 'mine', 'nonsense');
    const { status, error } = await world.refused('trigger2d_embeddings_job', {
      path,
      body: { dimensionalityReductionMethod: 'PCA' },
    });
    expect({ status, code: error.code }).toEqual({ status: 400, code: 'EMBEDDING_INVALID' });
    expect(await carryOutJobs(world)).toEqual([]);
  });

  it('are asked for by a method that the protocol knows', async () => {
    const path = await uploadedEmbedding(2);
    const body = { dimensionalityReductionMethod: 'MAGIC' };
    const { status, error } = await world.refused('trigger2d_embeddings_job', { path, body });
    expect(status).toBe(400);
    expect(error.error).toContain('PCA, TSNE, UMAP');
  });

  it('that clients have drawn are kept as they are, and replaced by name and method', async () => {
    const path = await uploadedEmbedding(2);
    const draw = (x: number[]) =>
      world.call('create_embeddings2d_by_embedding_id', {
        path,
        body: {
          name: 'by hand',
          dimensionalityReductionMethod: 'TSNE',
          coordinatesDimension1: x,
          coordinatesDimension2: [0.1 + 0.2, -1e-300],
        },
      });
    const first = await draw([1, 2]);
    expect(await draw([3, 4])).toEqual(first);
    expect(await pictures(path)).toEqual([
      {
        ...{ ...path, id: first.id, name: 'by hand', dimensionalityReductionMethod: 'TSNE' },
        ...{ coordinatesDimension1: [3, 4], coordinatesDimension2: [0.1 + 0.2, -1e-300] },
        createdAt: expect.any(Number),
      },
    ]);
  });

  it.each([
    ['too few points', { coordinatesDimension1: [1] }, 'coordinatesDimension1: the embedding has 2 rows'],
    [
      'too many points',
      { coordinatesDimension2: [1, 2, 3] },
      'coordinatesDimension2: the embedding has 2 rows',
    ],
    ['no points', { coordinatesDimension1: [] }, 'coordinatesDimension1'],
    ['an empty name', { name: '' }, 'name: expected 1 to 255'],
    ['a name that is too long', { name: 'x'.repeat(256) }, 'name: expected 1 to 255'],
  ])('are refused with %s', async (_, wrong, reason) => {
    const path = await uploadedEmbedding(2);
    const right = { coordinatesDimension1: [1, 2], coordinatesDimension2: [1, 2] };
    const body = { name: 'by hand', dimensionalityReductionMethod: 'PCA', ...right, ...wrong };
    const { status, error } = await world.refused('create_embeddings2d_by_embedding_id', { path, body });
    expect(status).toBe(400);
    expect(error.error).toContain(reason);
    expect(await pictures(path)).toEqual([]);
  });

  it('that do not exist are not found, nor are those of another embedding', async () => {
    const path = await uploadedEmbedding(2);
    const other = await uploadedEmbedding(2);
    const body = {
      ...{ name: 'by hand', dimensionalityReductionMethod: 'PCA' as const },
      ...{ coordinatesDimension1: [1, 2], coordinatesDimension2: [1, 2] },
    };
    const { id } = await world.call('create_embeddings2d_by_embedding_id', { path: other, body });
    for (const embedding2dId of [id, newId(), '#']) {
      const { status, error } = await world.refused('get_embedding2d_by_id', {
        path: { ...path, embedding2dId },
      });
      expect({ status, code: error.code }).toEqual({ status: 404, code: 'EMBEDDING_2D_UNKNOWN' });
    }
    const unknown = { datasetId: path.datasetId, embeddingId: other.embeddingId, embedding2dId: id };
    for (const operation of [
      'get_embedding2d_by_id',
      'get_embeddings2d_by_embedding_id',
      'create_embeddings2d_by_embedding_id',
    ] as const) {
      const { status, error } = await world.refused(operation, { path: unknown, body });
      expect({ status, code: error.code }).toEqual({ status: 404, code: 'EMBEDDING_UNKNOWN' });
    }
  });

  it('go with their embedding', async () => {
    const path = await uploadedEmbedding(4);
    await world.call('trigger2d_embeddings_job', { path, body: { dimensionalityReductionMethod: 'PCA' } });
    await carryOutJobs(world);
    await world.call('delete_embedding_by_id', { path });
    expect(await Array.fromAsync(world.deps.embeddings.list2d(path.datasetId))).toEqual([]);
  });
});
