import { describe, expect, test } from '@jest/globals';
import { ADMINISTRATOR, type User } from '#contracts/access';
import type { Sample } from '#contracts/samples';
import type { Tag } from '#contracts/tags';
import { newLandingDataset } from '#platform/datasets/datasets';
import { queryVectors } from '#platform/given-facts/query-vectors';
import { maskOfIndexes } from '#platform/tags/bit-mask';
import { newId, someFacts, someSample, someTag } from '../support/documents.ts';

const stranger: User = { ...ADMINISTRATOR, id: newId(), email: 'stranger@example.com', role: 'MEMBER' };

/** Four samples, of which the tag has the second and the fourth. */
function world(change: (sample: Sample) => Sample = (sample) => sample, totSize = 2) {
  const dataset = newLandingDataset(newId(), 'queries', { landing: 'landing', platform: 'platform' }, 1);
  const samples = [0, 1, 2, 3].map((index) => change(someSample(dataset.id, index)));
  const tag: Tag = someTag(dataset.id, { name: 'wanted', bitMaskData: maskOfIndexes([1, 3], 4), totSize });
  const deps = {
    datasets: { get: async (id: string) => (id === dataset.id ? dataset : undefined) },
    sharedAccess: {
      list: async (id: string) => [
        {
          id: newId(),
          datasetId: id,
          createdAt: 1,
          users: ['friend@example.com'],
          teams: [],
          creator: dataset.userId,
        },
      ],
    },
    tags: {
      get: async () => tag,
      findByName: async (_: string, name: string) => (name === tag.name ? tag : undefined),
    },
    samples: {
      range: async function* (_: string, from: number, to: number) {
        yield* samples.slice(from, to);
      },
    },
  };
  const read = (caller = ADMINISTRATOR, tagName = 'wanted', datasetId = dataset.id) =>
    queryVectors([{ datasetId, tagName }], { caller, model: someFacts().embeddingModel }, deps as never);
  return { dataset, read };
}

describe('vectors of a tag', () => {
  test('are those of its samples', async () => {
    const { dataset, read } = world();
    const [found] = await read();
    expect(found).toEqual({
      datasetId: dataset.id,
      tagName: 'wanted',
      vectors: [someFacts(1).embedding, someFacts(3).embedding],
    });
  });

  test('are for those who may use the dataset', async () => {
    const { read } = world();
    expect(await read({ ...stranger, email: 'Friend@example.com' })).toHaveLength(1);
    const refused = await read(stranger).catch(String);
    const unknown = await read(stranger, 'wanted', 'f'.repeat(24)).catch(String);
    expect(refused).toMatch(/input.datasetId: there is no dataset .* that the run's owner may use/);
    // Both sound the same: whether it exists is not told.
    expect(String(unknown).replace('f'.repeat(24), '')).toBe(String(refused).replace(/[a-f0-9]{24}/, ''));
  });

  test('leave out samples of which nothing is known', async () => {
    const { read } = world(({ facts, ...sample }) =>
      sample.index === 1 || !facts ? sample : { ...sample, facts },
    );
    expect((await read())[0]?.vectors).toEqual([someFacts(3).embedding]);
  });

  test('are refused where they are too many to compare with', async () => {
    await expect(world(undefined, 10_001).read()).rejects.toThrow(
      /tag 'wanted' .* has 10001 samples.*at most 10000/,
    );
  });

  test.each<[string, (sample: Sample) => Sample, string, RegExp]>([
    [
      'there is no such tag',
      (sample) => sample,
      'other',
      /input.tagName: dataset 'queries' has no tag 'other'/,
    ],
    ['nothing is known of any', ({ facts: _, ...sample }) => sample, 'wanted', /no sample of tag 'wanted'/],
    [
      'another model described them',
      (sample) => ({ ...sample, facts: { ...someFacts(), embeddingModel: 'clip/2' } }),
      'wanted',
      /input.datasetId: .*model 'clip\/2'.*can't be compared/,
    ],
  ])('are refused where %s', async (_, change, tagName, reason) => {
    await expect(world(change).read(ADMINISTRATOR, tagName)).rejects.toThrow(reason);
  });
});
