import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { artifactObjectKey } from '#contracts/s3-keys';
import { datasetWithImages, entry, resultOf } from '../support/given-files.ts';
import { type RunWorld, startRunWorld } from '../support/run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

test('a run balances what file names say, which its report shows, and warns of what no image has', async () => {
  const dataset = await datasetWithImages(world, ['sun-1.jpg', 'sun-2.jpg', 'sun-3.jpg', 'rain-4.jpg']);
  const { runId, chosen, warnings } = await resultOf(world, dataset, {
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

  const key = artifactObjectKey(dataset.id, runId, 'report.html');
  const report = await text((await world.objects.open({ bucket: world.platformBucket, key }))!.body);
  expect(report).toContain('Metadata from file names: ^(?&lt;weather&gt;[a-z]+)-');
  for (const value of ['sun', 'rain']) expect(report).toContain(`>${value}<`);
});
