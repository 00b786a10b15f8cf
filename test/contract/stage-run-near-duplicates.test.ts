import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { splitSettings } from '#contracts/settings';
import { splitSide } from '#platform/exports/split-side';
import { completedRun, exportMessages, nextRun } from '../support/completed-run.ts';
import { collect, someFacts } from '../support/documents.ts';
import { exportAll, exportFiles, manifestIn } from '../support/export-files.ts';
import { addImage, type RunWorld, startRunWorld } from '../support/run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

const samplesOf = (datasetId: string) => collect(world.samples.range(datasetId, 0, 20));
/** The image of that content, but for some noise. */
const nearly = (content: number) => {
  const facts = someFacts(content);
  return {
    facts: { ...facts, sha256: 'f'.repeat(64), embedding: facts.embedding.map((value) => value + 0.001) },
  };
};

describe('near-duplicates of a sample', () => {
  test('are in its group, which it gets when they come, and exports keep them on its side', async () => {
    const split = { train: 0.5, test: 0.5 };
    const completed = await completedRun(world, { exports: { split, formats: ['filenames', 'csv'] } });
    const { dataset } = completed;
    const [first] = await samplesOf(dataset.id);
    expect(first?.group).toBeUndefined();
    const content = Number(first?.fileName[0]);
    await addImage(world, dataset, 'again.jpg', content, nearly(content));
    const run = await nextRun(world, dataset);

    const samples = await samplesOf(dataset.id);
    const again = samples.find(({ fileName }) => fileName === 'again.jpg');
    expect(again?.group).toEqual({
      id: expect.stringMatching(/^[a-f0-9]{24}$/),
      representative: first?.fileName,
    });
    expect(samples[0]).toEqual({ ...first, group: again?.group });

    await exportAll(await exportMessages(world, { dataset, run }), world);
    const files = await exportFiles(world, completed, run.id);
    const side = splitSide(first!, splitSettings.parse(split));
    const other = side === 'train' ? 'test' : 'train';
    expect(files.get(`filenames-${side}.txt`)).toBe('again.jpg\n');
    expect(files.get(`filenames-${other}.txt`)).toBe('');
    expect(files.get('samples.csv')).toContain(`,${again?.group?.id},${first?.fileName},${side},,\r\n`);
    const rows = manifestIn(files).files.map(({ file, rows: count }) => [file, count]);
    expect(Object.fromEntries(rows)).toMatchObject({
      'filenames.txt': 1,
      [`filenames-${side}.txt`]: 1,
      [`filenames-${other}.txt`]: 0,
      'filenames-validation.txt': 0,
    });
  });

  test('are left out where one of each group is to be kept', async () => {
    const { dataset } = await completedRun(world, { nearDuplicates: { mode: 'dedup' } });
    const [first] = await samplesOf(dataset.id);
    const content = Number(first?.fileName[0]);
    await addImage(world, dataset, 'again.jpg', content, nearly(content));
    const run = await nextRun(world, dataset);
    expect(run.state).toBe('COMPLETED');
    const samples = await samplesOf(dataset.id);
    expect(samples.map(({ fileName }) => fileName)).not.toContain('again.jpg');
    expect(samples[0]?.group?.representative).toBe(first?.fileName);
  });
});
