import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type CliWorld, startCliWorld } from '../support/cli-world.ts';
import { addInitialTag, datasetWithSamples } from '../support/dataset-with-samples.ts';

let cli: CliWorld;
let birds: string;
beforeAll(async () => {
  cli = await startCliWorld();
  const dataset = await datasetWithSamples(cli.world, 2);
  await addInitialTag(cli.world, dataset);
  birds = dataset.name;
});
afterAll(() => cli?.stop());

const HEADER = 'filenames,embedding_0,embedding_1,labels';
const write = (name: string, ...rows: string[]) =>
  writeFileSync(join(cli.folder, name), `${[HEADER, ...rows].join('\n')}\n`);
const embeddings = (...parameters: string[]) => cli.winnow(['embeddings', ...parameters]);
const linesOf = (name: string) => readFileSync(join(cli.folder, name), 'utf8').trim().split(/\r?\n/);

test('embeddings are uploaded, added to, listed, downloaded and deleted', async () => {
  write('mine.csv', 'image-1.jpg,3,4,0', 'image-0.jpg,1,2,0');
  const uploaded = await embeddings('upload', birds, 'mine.csv', '--name', 'mine');
  expect([uploaded.code, uploaded.stdout]).toEqual([0, expect.stringMatching(/^mine \([0-9a-f]{24}\)\n$/)]);
  write('more.csv', 'image-1.jpg,7,8,0');
  const { id, name } = await cli.json('embeddings', 'append', birds, 'more.csv', '--name', 'mine');
  expect(name).toMatch(/^mine_\d/);

  const { stdout } = await embeddings('list', birds);
  expect(stdout).toMatch(/^ID +NAME +STATE +CREATED \(UTC\)\n/);
  expect(stdout).toMatch(/ {2}mine +ready +20/);
  const all: { name: string }[] = await cli.json('embeddings', 'list', birds);
  expect(all.map((one) => one.name).slice(0, 2)).toEqual([name, 'mine']);

  expect(await cli.json('embeddings', 'download', birds, 'newest.csv')).toEqual({ id, file: 'newest.csv' });
  expect(linesOf('newest.csv')).toEqual([HEADER, 'image-0.jpg,1,2,0', 'image-1.jpg,7,8,0']);
  await embeddings('download', birds, 'first.csv', '--name', 'mine');
  expect(linesOf('first.csv')).toEqual([HEADER, 'image-0.jpg,1,2,0', 'image-1.jpg,3,4,0']);

  expect((await embeddings('delete', birds, 'mine')).stdout).toBe('mine are deleted\n');
  expect((await embeddings('download', birds, 'gone.csv', '--name', 'mine')).code).toBe(3);
});

test('a name that is taken is not added to without being told: 5', async () => {
  write('a.csv', 'image-0.jpg,1,2,0', 'image-1.jpg,3,4,0');
  expect((await embeddings('upload', birds, 'a.csv', '--name', 'taken')).code).toBe(0);
  const { code, stderr } = await embeddings('upload', birds, 'a.csv', '--name', 'taken');
  expect([code, stderr]).toEqual([5, expect.stringContaining('winnow embeddings append')]);
});

test.each([
  {
    what: 'a file that is not there',
    parameters: ['upload', 'none.csv', '--name', 'x1'],
    code: 2,
    says: 'none.csv',
  },
  {
    what: 'a sample that is missing',
    parameters: ['upload', 'half.csv', '--name', 'x2'],
    code: 2,
    says: 'image-1.jpg',
  },
  {
    what: 'nothing to add to',
    parameters: ['append', 'half.csv', '--name', 'nothing'],
    code: 3,
    says: 'nothing',
  },
])('$what: $code', async ({ parameters: [action = '', ...rest], code, says }) => {
  write('half.csv', 'image-0.jpg,1,2,0');
  const ended = await embeddings(action, birds, ...rest);
  expect(ended).toEqual({ code, stdout: '', stderr: expect.stringContaining(says) });
});
