import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CliWorld, startCliWorld } from '../support/cli-world.ts';
import { addInitialTag, datasetWithSamples } from '../support/dataset-with-samples.ts';

const SAMPLES = 5;

let cli: CliWorld;
/** Name of a dataset with image-0.jpg to image-4.jpg. */
let birds: string;
beforeAll(async () => {
  cli = await startCliWorld();
  const dataset = await datasetWithSamples(cli.world, SAMPLES);
  await addInitialTag(cli.world, dataset);
  birds = dataset.name;
  await cli.client.setDatasetId(dataset.id);
  await cli.client.createTagFromFilenames(['image-0.jpg', 'image-1.jpg'], 'early');
  await cli.client.createTagFromFilenames(['image-1.jpg', 'image-2.jpg'], 'later');
});
afterAll(() => cli?.stop());

const file = (name: string): string => join(cli.folder, name);

describe('winnow tags', () => {
  test('lists tags with their sizes and parents, and shows one', async () => {
    const { stdout } = await cli.winnow(['tags', 'list', birds]);
    expect(stdout).toMatch(/^ID +NAME +SAMPLES +PARENT +CREATED \(UTC\)\n/);
    expect(stdout).toMatch(/early +2 {2}initial-tag {2}20/);
    expect(stdout).toMatch(/initial-tag +5 /);
    expect(stdout.split('\n').every((line) => line.length <= 100)).toBe(true);
    expect(await cli.json('tags', 'list', birds)).toHaveLength(3);
    expect(await cli.json('tags', 'show', birds, 'early')).toMatchObject({
      name: 'early',
      bitMaskData: '0x3',
    });
    expect((await cli.winnow(['tags', 'show', birds, 'early'])).stdout).toContain('samples  2\n');
  });

  test('prints the samples of a tag as file names, indices and mask', async () => {
    const print = async (...parameters: string[]) => (await cli.winnow(['tags', ...parameters])).stdout;
    expect(await print('filenames', birds, 'early')).toBe('image-0.jpg\nimage-1.jpg\n');
    expect(await print('indices', birds, 'later')).toBe('1\n2\n');
    expect(await print('mask', birds, 'later')).toBe('0x6\n');
    expect(await cli.json('tags', 'filenames', birds, 'later')).toEqual(['image-1.jpg', 'image-2.jpg']);
    expect(await cli.json('tags', 'indices', birds, 'later')).toEqual([1, 2]);
    expect(await cli.json('tags', 'mask', birds, 'later')).toBe('0x6');
    expect(await cli.json('tags', 'filenames', birds, 'initial-tag')).toHaveLength(SAMPLES);
  });

  test('makes a tag of file names in a file, on standard input, or in a JSON list; and deletes it', async () => {
    writeFileSync(file('names.txt'), 'image-4.jpg\r\nimage-3.jpg\n');
    writeFileSync(file('names.json'), '["image-0.jpg"]');
    const { stdout } = await cli.winnow(['tags', 'create', birds, 'from a file', '--from', 'names.txt']);
    expect(stdout).toMatch(/name {5}from a file\nsamples {2}2\n/);
    expect(await cli.json('tags', 'mask', birds, 'from a file')).toBe('0x18');
    const parameters = [
      'tags',
      'create',
      birds,
      'from input',
      '--from',
      '-',
      '--parent',
      'from a file',
      '--json',
    ];
    const piped = await cli.winnow(parameters, { input: 'image-3.jpg' });
    expect(JSON.parse(piped.stdout)).toMatchObject({ name: 'from input', bitMaskData: '0x8' });
    expect(await cli.json('tags', 'create', birds, 'from a list', '--from', 'names.json')).toMatchObject({
      bitMaskData: '0x1',
    });

    expect((await cli.winnow(['tags', 'delete', birds, 'from a file'])).code).not.toBe(0);
    expect((await cli.winnow(['tags', 'delete', birds, 'from input'])).stdout).toBe(
      'from input is deleted\n',
    );
    expect(await cli.json('tags', 'delete', birds, 'from a file')).toMatchObject({ deleted: true });
    expect((await cli.winnow(['tags', 'show', birds, 'from a file'])).code).toBe(3);
  });

  test.each([
    { set: 'union', names: ['image-0.jpg', 'image-1.jpg', 'image-2.jpg'], indices: [0, 1, 2], mask: '0x7' },
    { set: 'intersection', names: ['image-1.jpg'], indices: [1], mask: '0x2' },
    { set: 'difference', names: ['image-0.jpg'], indices: [0], mask: '0x1' },
  ])('prints the $set of two tags, or makes a tag of it', async ({ set, names, indices, mask }) => {
    const parameters = ['tags', set, birds, 'early', 'later'];
    expect((await cli.winnow(parameters)).stdout).toBe(`${names.join('\n')}\n`);
    expect(await cli.json(...parameters, '--as', 'indices')).toEqual(indices);
    expect(await cli.json(...parameters, '--as', 'mask')).toBe(mask);
    expect(await cli.json(...parameters, '--save', `the ${set}`)).toMatchObject({
      ...{ name: `the ${set}`, bitMaskData: mask },
    });
    const again = await cli.winnow([...parameters, '--save', `the ${set}`]);
    expect([again.code, again.stderr]).toEqual([5, expect.stringContaining(`'the ${set}'`)]);
  });

  test.each([
    { what: 'a name that is taken', tag: 'early', input: 'image-0.jpg', code: 5, says: "'early'" },
    {
      what: 'a file that is not in the dataset',
      tag: 'new',
      input: 'image-9.jpg',
      code: 2,
      says: 'image-9.jpg',
    },
    { what: 'no file names', tag: 'new', input: '\n', code: 2, says: 'no file names' },
  ])('refuses to make a tag of $what', async ({ tag, input, code, says }) => {
    const ended = await cli.winnow(['tags', 'create', birds, tag, '--from', '-'], { input });
    expect(ended).toEqual({ code, stdout: '', stderr: expect.stringContaining(says) });
  });
});

describe('winnow exports', () => {
  const print = async (...parameters: string[]) => (await cli.winnow(['exports', ...parameters])).stdout;

  test.each([
    { format: 'label-studio', row: { data: { lightlyFileName: 'image-0.jpg' } } },
    { format: 'labelbox', row: { externalId: 'image-0.jpg' } },
    { format: 'labelbox-v4', row: { global_key: expect.any(String) } },
    { format: 'sama', row: { data: { url: expect.any(String) } } },
    { format: 'filenames-and-read-urls', row: { fileName: 'image-0.jpg', readUrl: expect.any(String) } },
  ])('prints $format as one list, or a line for each row', async ({ format, row }) => {
    const rows = JSON.parse(await print(format, birds, 'early'));
    expect(rows).toMatchObject([row, {}]);
    const lines = (await print(format, birds, 'early', '--lines')).trimEnd().split('\n');
    expect(lines.map((line) => Object.keys(JSON.parse(line)))).toEqual(rows.map(Object.keys));
  });

  test('prints file names as lines, or as a JSON list; of all samples where no tag is given', async () => {
    expect(await print('filenames', birds, 'later')).toBe('image-1.jpg\nimage-2.jpg\n');
    expect(JSON.parse(await print('filenames', birds, '--json'))).toHaveLength(SAMPLES);
    const paths = await print('filenames', birds, 'early', '--file-name-format', 'DATASOURCE_FULL');
    expect(paths).toMatch(/^s3:\/\/.+\ns3:\/\/.+\n$/);
  });

  test('writes a file, which appears when it is complete', async () => {
    const parameters = ['exports', 'label-studio', birds, 'early', '--out', 'out/tasks.json'];
    const { code, stdout } = await cli.winnow(parameters);
    expect([code, stdout]).toEqual([0, '2 rows are in out/tasks.json\n']);
    expect(JSON.parse(readFileSync(file('out/tasks.json'), 'utf8'))).toHaveLength(2);
    expect(await cli.json(...parameters)).toMatchObject({ file: 'out/tasks.json', rows: 2 });
    expect(readdirSync(file('out'))).toEqual(['tasks.json']);
  });

  test('is read by other programs, from any folder, and ends quietly when they have enough', async () => {
    const winnow = fileURLToPath(new URL('../../cli/winnow', import.meta.url));
    const script =
      '"$WINNOW" exports label-studio "$BIRDS" | head -1; "$WINNOW" exports filenames "$BIRDS" | wc -l';
    const child = spawn('sh', ['-c', script], {
      cwd: cli.folder,
      env: { ...process.env, ...cli.environment, WINNOW: winnow, BIRDS: birds },
    });
    const outputs = [child.stdout, child.stderr].map((stream) => text(stream));
    expect(await Promise.all(outputs)).toEqual([expect.stringMatching(/^\[\n *5\n$/), '']);
  });

  test('makes URLs that end when they should', async () => {
    const urls = await print(
      'filenames',
      birds,
      '--file-name-format',
      'REDIRECTED_READ_URL',
      '--expires-in',
      '2h',
    );
    const token = new URL(urls.split('\n')[0] as string).searchParams.get('publicToken') ?? '';
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect(Math.abs(exp - Date.now() / 1000 - 7200)).toBeLessThan(60);
  });

  test.each([
    { what: 'a format that is none', parameters: ['coco'], code: 2, says: 'label-studio' },
    { what: 'a time that is none', parameters: ['sama', '--expires-in', 'soon'], code: 2, says: '15m' },
  ])('refuses $what', async ({ parameters: [format = '', ...rest], code, says }) => {
    const ended = await cli.winnow(['exports', format, birds, 'early', ...rest]);
    expect([ended.code, ended.stderr]).toEqual([code, expect.stringContaining(says)]);
  });

  test('a tag that is not there: 3, and no file', async () => {
    const { code } = await cli.winnow(['exports', 'sama', birds, 'nothing', '--out', 'nothing.json']);
    expect([code, existsSync(file('nothing.json'))]).toEqual([3, false]);
  });
});
