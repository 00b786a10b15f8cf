import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { sharpOf, textured } from '../support/analysed-images.ts';
import { type CliWorld, startCliWorld } from '../support/cli-world.ts';
import { addSamples, asAddedByClient } from '../support/dataset-with-samples.ts';
import { waitUntil } from '../support/program.ts';

let cli: CliWorld;
beforeAll(async () => {
  cli = await startCliWorld();
});
afterAll(() => cli?.stop());

async function draw(folder: string, names: readonly string[]): Promise<void> {
  for (const [seed, name] of names.entries()) {
    const path = join(cli.folder, folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      await sharpOf(textured(90, 60, seed))
        .png()
        .toBuffer(),
    );
  }
}
const bytesOf = (...path: string[]): Buffer => readFileSync(join(cli.folder, ...path));
const NAMES = ['a.png', 'b, c.png', 'deep/ü.png'];

describe('winnow upload', () => {
  test('makes samples of a folder, once, and winnow download brings the same files', async () => {
    await draw('photos', NAMES);
    const first = await cli.winnow(['upload', 'photos', 'birds', '--create']);
    expect(first).toEqual({
      ...{ code: 0, stdout: expect.stringMatching(/^3 uploaded, tag [0-9a-f]{24}\n$/), stderr: '' },
    });
    expect(await cli.json('upload', 'photos', 'birds')).toEqual({
      dataset: { id: expect.any(String), name: 'birds' },
      ...{ uploaded: 0, skipped: 3, failed: [] },
    });

    const { code, stdout } = await cli.winnow(['download', 'birds', 'out']);
    expect([code, stdout]).toEqual([0, '3 downloaded to out\n']);
    for (const name of NAMES) expect(bytesOf('out', name).equals(bytesOf('photos', name))).toBe(true);
  });

  test('makes images as large as they are wanted', async () => {
    await draw('large', ['a.png']);
    await cli.json('upload', 'large', 'small birds', '--create', '--image-size', '30');
    await cli.json('download', 'small birds', 'small');
    expect(await sharp(bytesOf('small', 'a.png')).metadata()).toMatchObject({ width: 45, height: 30 });
  });

  test('uploads no files with --mode metadata', async () => {
    await draw('known', ['a.png']);
    await cli.json('upload', 'known', 'known birds', '--create', '--mode', 'metadata');
    expect(await cli.json('datasets', 'show', 'known birds')).toMatchObject({ nSamples: 1, imgType: 'meta' });
    expect((await cli.winnow(['download', 'known birds', 'none'])).code).toBe(2);
  });

  test('names images that fail, uploads the others, and ends with 1', async () => {
    await draw('partly', ['a.png']);
    writeFileSync(join(cli.folder, 'partly', 'broken.png'), 'no image');
    const { code, stdout, stderr } = await cli.winnow(['upload', 'partly', 'part', '--create', '--json']);
    expect([code, JSON.parse(stdout)]).toMatchObject([
      1,
      { uploaded: 1, failed: [{ fileName: 'broken.png' }] },
    ]);
    expect(stderr).toMatch(/^broken\.png: .*\n1 failed\. .*\n$/);
  });

  test('goes on where Ctrl-C ended it', async () => {
    const names = Array.from({ length: 40 }, (_, number) => `${number}.png`);
    await draw('many', names);
    const id = await cli.client.createDataset('many birds');
    const { program, ended } = cli.start(['upload', 'many', 'many birds', '--workers', '1', '--verbose']);
    await waitUntil(program, () => program.output().split('PUT').length > 6);
    program.child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect([code, stdout]).toEqual([130, '']);
    expect(stderr).toContain('Interrupted: the same command goes on where it was.');
    expect(await cli.client.getAllTags().catch(() => [])).toEqual([]);

    const { uploaded, skipped } = await cli.json('upload', 'many', id);
    expect([uploaded + skipped, skipped > 0, uploaded > 0]).toEqual([40, true, true]);
    expect(await cli.client.getSamplesInTag('initial-tag')).toHaveLength(40);
  });

  test.each([
    { what: 'a folder that is not there', parameters: ['nowhere', 'birds'], code: 2, says: 'nowhere' },
    { what: 'a dataset that is not there', parameters: ['photos', 'no birds'], code: 3, says: 'no birds' },
    {
      what: 'a size that is none',
      parameters: ['photos', 'birds', '--image-size', '0'],
      code: 2,
      says: '1024',
    },
    { what: 'no workers', parameters: ['photos', 'birds', '--workers', '0'], code: 2, says: 'above 0' },
  ])('refuses $what', async ({ parameters, code, says }) => {
    const ended = await cli.winnow(['upload', ...parameters]);
    expect([ended.code, ended.stderr]).toEqual([code, expect.stringContaining(says)]);
  });

  test('says that a folder has no images', async () => {
    mkdirSync(join(cli.folder, 'empty'));
    const { code, stderr } = await cli.winnow(['upload', 'empty', 'empty birds', '--create']);
    expect([code, stderr]).toEqual([0, 'There are no images in empty.\n']);
  });
});

/** A dataset whose samples have any names, as no client could add them. */
async function datasetOf(name: string, fileNames: readonly string[]): Promise<void> {
  const { world } = cli;
  const { id } = await world.call('create_dataset', { body: { name, imgType: 'full' } });
  const bucket = world.storage.bucket;
  for (const index of fileNames.keys()) {
    await world.deps.objects.put({ bucket, key: `${id}/${index}` }, `image ${index}`, {
      contentType: 'image/png',
    });
  }
  await addSamples(world, id, fileNames.length, (sample) => ({
    ...asAddedByClient(sample),
    ...{ fileName: fileNames[sample.index] as string, bucket, key: `${id}/${sample.index}` },
  }));
  await world.call('create_initial_tag_by_dataset_id', {
    path: { datasetId: id },
    body: { name: 'initial-tag', imgType: 'full' },
  });
}

describe('winnow download', () => {
  test('writes nothing outside of the folder, whatever the names are', async () => {
    const hostile = ['../evil.png', '/tmp/winnow-evil.png', 'a/../../evil.png', 'x\u001b[2J/../../y.png'];
    await datasetOf('hostile', [...hostile, 'good.png']);
    mkdirSync(join(cli.folder, 'inner'));
    const { code, stdout, stderr } = await cli.winnow(['download', 'hostile', 'inner/out']);
    expect([code, stdout]).toEqual([1, '1 downloaded to inner/out\n']);
    expect(stderr.split('\n')).toHaveLength(hostile.length + 2);
    expect(stderr).not.toContain('\u001b');
    expect(readdirSync(join(cli.folder, 'inner'), { recursive: true }).sort()).toEqual([
      'out',
      'out/good.png',
    ]);
    expect(existsSync('/tmp/winnow-evil.png')).toBe(false);
    expect(bytesOf('inner', 'out', 'good.png').toString()).toBe('image 4');
  });

  test('leaves files that are there with --skip-existing, and no half ones', async () => {
    await datasetOf('numbers', ['0.png', '1.png']);
    await cli.json('download', 'numbers', 'numbers');
    writeFileSync(join(cli.folder, 'numbers', '0.png'), 'mine');
    rmSync(join(cli.folder, 'numbers', '1.png'));
    expect(await cli.json('download', 'numbers', 'numbers', '--skip-existing')).toMatchObject({
      ...{ tag: 'initial-tag', downloaded: 1, skipped: 1, failed: [] },
    });
    expect(bytesOf('numbers', '0.png').toString()).toBe('mine');
    expect(readdirSync(join(cli.folder, 'numbers')).sort()).toEqual(['0.png', '1.png']);
  });

  test('a tag that is not there: 3', async () => {
    await datasetOf('tagless', ['0.png']);
    const { code, stderr } = await cli.winnow(['download', 'tagless', 'out', '--tag', 'chosen']);
    expect([code, stderr]).toEqual([3, "The dataset has no tag with the name 'chosen'.\n"]);
  });
});
