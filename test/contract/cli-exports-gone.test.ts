import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { maintainUnavailableTag } from '#platform/tags/unavailable-tag';
import { type CliWorld, startCliWorld } from '../support/cli-world.ts';
import { addInitialTag, addTag, datasetWithSamples } from '../support/dataset-with-samples.ts';

let cli: CliWorld;
beforeAll(async () => {
  cli = await startCliWorld();
}, 60_000);
afterAll(() => cli?.stop());

test('winnow exports filenames leaves out what is gone, as filenames.txt of an export does, and says so', async () => {
  const { world } = cli;
  const dataset = await datasetWithSamples(world, 10);
  const tag = await addTag(world, await addInitialTag(world, dataset), [1, 2, 4, 5, 7, 9]);
  const exported = (...options: string[]) =>
    cli.winnow(['exports', 'filenames', dataset.name, tag.name, ...options]);
  const names = (...indexes: number[]) => indexes.map((index) => `image-${index}.jpg\n`).join('');
  expect(await exported()).toEqual({ code: 0, stdout: names(1, 2, 4, 5, 7, 9), stderr: '' });

  for (const index of [2, 3, 7]) {
    const gone = { isAvailable: false, order: '1#1', place: 'landing', since: 1 };
    await world.deps.sampleAvailability.markAvailability(dataset.id, `image-${index}.jpg`, gone);
  }
  await maintainUnavailableTag(dataset.id, world.deps);
  expect(await exported()).toEqual({
    ...{ code: 0, stdout: names(1, 4, 5, 9), stderr: '2 left out: their image is gone.\n' },
  });
  expect(await exported('--include-gone')).toEqual({
    ...{ code: 0, stdout: names(1, 2, 4, 5, 7, 9), stderr: '' },
  });
  const redirected = await exported('--file-name-format', 'REDIRECTED_READ_URL');
  expect(redirected.stdout.trim().split('\n')).toHaveLength(4);
  // Who asks for what is gone gets it.
  const { stdout } = await cli.winnow(['exports', 'filenames', dataset.name, 'no-longer-available']);
  expect(stdout).toBe(names(2, 3, 7));
});
