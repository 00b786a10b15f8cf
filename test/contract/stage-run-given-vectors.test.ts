import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sampleIdOf } from '#platform/samples/sample-id';
import { newId } from '../support/documents.ts';
import { datasetWithImages, entry, putLightly, resultOf } from '../support/given-files.ts';
import { addImage, type RunWorld, startRunWorld } from '../support/run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

describe('a run compares with vectors of users', () => {
  const csv = (rows: Readonly<Record<string, readonly number[]>>) =>
    [
      'filenames,embedding_0,embedding_1,labels',
      ...Object.entries(rows).map(([name, [x, y]]) => `${name},${x},${y},0`),
    ].join('\n');
  const diverse = entry(
    { type: 'EMBEDDINGS' },
    { type: 'DIVERSITY', stopping_condition_minimum_distance: 0.5 },
  );

  test('of a file, in place of its own; images without a row are left for another run', async () => {
    const dataset = await datasetWithImages(world, ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg']);
    const rows = { 'a.jpg': [1, 0], 'b.jpg': [5, 0.01], 'c.jpg': [0, 2] };
    await putLightly(world, dataset, { 'embeddings/mine.csv': csv(rows) });
    const docker = { embeddings: 'mine.csv' };
    const result = await resultOf(world, dataset, { docker, nSamples: 4, strategies: [diverse] });
    expect(result).toMatchObject({ state: 'COMPLETED', pending: ['d.jpg'] });
    expect(result.chosen).toEqual(['b.jpg', 'c.jpg']);
    expect(result.warnings).toEqual(['1 images have no row in the file of embeddings: left alone.']);
    const trained = await resultOf(world, dataset, {
      docker: { ...docker, enableTraining: true },
      strategies: [diverse],
    });
    expect([trained.state, trained.last]).toEqual(['FAILED', expect.stringMatching(/enableTraining/)]);
  });

  test('of the tag of another dataset', async () => {
    const queries = await datasetWithImages(world, ['q.jpg']);
    await resultOf(world, queries, { strategies: [diverse] });
    const dataset = await datasetWithImages(world, []);
    for (const content of [3, 1, 2]) await addImage(world, dataset, `${content}.jpg`, content);
    const similar = (datasetId: string, tagName: string) => ({
      strategies: [entry({ type: 'EMBEDDINGS', datasetId, tagName }, { type: 'SIMILARITY' })],
    });
    // q.jpg has the content of 1.jpg.
    expect((await resultOf(world, dataset, similar(queries.id, 'initial-tag'))).chosen).toEqual(['1.jpg']);
    const stranger = {
      ...{ id: newId(), email: `${newId()}@example.com`, name: 'S' },
      role: 'MEMBER' as const,
    };
    await world.users.create({ ...stranger, createdAt: 1 });
    const failed = (config: ReturnType<typeof similar>) =>
      resultOf(world, dataset, { ...config, docker: { datasource: { processAll: true } } });
    expect((await failed(similar(queries.id, 'no-such-tag'))).last).toMatch(/has no tag 'no-such-tag'/);
    expect((await failed(similar(sampleIdOf(dataset.id, 7), 'initial-tag'))).last).toMatch(/no dataset/);
    const own = similar(queries.id, 'initial-tag');
    const { state, last } = await resultOf(world, dataset, own, { userId: stranger.id });
    expect([state, last]).toEqual([
      'FAILED',
      expect.stringMatching(/no dataset .* that the run's owner may use/),
    ]);
  });
});
