import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { datasetWithImages, entry, resultOf } from '../support/given-files.ts';
import { type RunWorld, startRunWorld } from '../support/run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

test('a run balances what file names say, and warns of what no image has', async () => {
  const dataset = await datasetWithImages(world, ['sun-1.jpg', 'sun-2.jpg', 'sun-3.jpg', 'rain-4.jpg']);
  const { chosen, warnings } = await resultOf(world, dataset, {
    nSamples: 2,
    lightlyPathRegex: '^(?<weather>[a-z]+)-',
    strategies: [
      entry({ type: 'METADATA', key: 'weather' }, { type: 'BALANCE', distribution: 'UNIFORM' }),
      entry({ type: 'METADATA', key: 'wind.speed' }, { type: 'WEIGHTS' }),
    ],
  });
  expect(chosen).toContain('rain-4.jpg');
  expect(chosen).toHaveLength(2);
  expect(warnings).toEqual(['strategies[1]: the candidates have no number at wind.speed.']);
});
