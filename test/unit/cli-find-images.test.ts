import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { InvalidInputError } from '#contracts/errors';
import { findImages } from '../../cli/demo/find-images.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'winnow-find-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(...names: string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), 'x');
  }
}
const namesFound = async (except?: string) =>
  (await findImages(folder, except)).files.map(({ fileName }) => fileName);

describe('the files of a folder', () => {
  test('are those with an extension, of all sub-folders, in the order of their names', async () => {
    write('b.jpg', 'a/z.PNG', 'a/b/c.tiff', 'B.webp', 'notes.txt', 'ä.jpg');
    expect(await namesFound()).toEqual(['B.webp', 'a/b/c.tiff', 'a/z.PNG', 'b.jpg', 'notes.txt', 'ä.jpg']);
  });

  test('keep names that other programs trip over', async () => {
    const odd = ['100%25 %.jpg', 'a+b c.jpg', 'two\nlines.jpg', '日本/😀.jpg', `${'ä'.repeat(120)}.jpg`];
    write(...odd);
    expect((await namesFound()).toSorted()).toEqual(odd.toSorted());
  });

  test('may be links; a broken link or a link to a folder is left out', async () => {
    write('photo.jpg', 'elsewhere/other.jpg');
    symlinkSync(join(folder, 'photo.jpg'), join(folder, 'link.jpg'));
    symlinkSync(join(folder, 'gone.jpg'), join(folder, 'broken.jpg'));
    symlinkSync(folder, join(folder, 'loop.jpg'));
    const { files, leftOut } = await findImages(folder);
    expect(files.map(({ fileName }) => fileName)).toEqual(['elsewhere/other.jpg', 'link.jpg', 'photo.jpg']);
    expect(leftOut).toEqual([
      { fileName: 'broken.jpg', reason: 'not a readable file' },
      { fileName: 'loop.jpg', reason: 'not a readable file' },
    ]);
  });

  test('leave out what is hidden, lies in a hidden folder or has no extension, and say so', async () => {
    write('a.jpg', '.hidden.jpg', '.git/config.jpg', 'sub/.lightly/t.webp', 'LICENSE', 'sub/Makefile');
    const { files, leftOut } = await findImages(folder);
    expect(files.map(({ fileName }) => fileName)).toEqual(['a.jpg']);
    expect(leftOut).toEqual([
      { fileName: '.git/config.jpg', reason: 'hidden' },
      { fileName: '.hidden.jpg', reason: 'hidden' },
      { fileName: 'LICENSE', reason: 'without an extension' },
      { fileName: 'sub/.lightly/t.webp', reason: 'hidden' },
      { fileName: 'sub/Makefile', reason: 'without an extension' },
    ]);
  });

  test('leave out names with which a key has more than the 1,024 bytes of S3', async () => {
    const deep = Array.from({ length: 4 }, () => 'd'.repeat(250)).join('/');
    const longest = `${deep}/${'n'.repeat(1019 - deep.length - 5)}.jpg`;
    write(longest, longest.replace('.jpg', 'n.jpg'));
    const { files, leftOut } = await findImages(folder);
    expect(files.map(({ fileName }) => fileName)).toEqual([longest]);
    expect(leftOut.map(({ reason }) => reason)).toEqual(['name too long for S3']);
  });

  test('are not those of an output folder within', async () => {
    write('a.jpg', 'demo-output/selection.jpg', 'demo-output/exports/coco.json', 'demo-output-2/b.jpg');
    expect(await namesFound(join(folder, 'demo-output'))).toEqual(['a.jpg', 'demo-output-2/b.jpg']);
    expect(await namesFound(dirname(folder))).toHaveLength(4);
  });
});

describe('a folder that is of no use is refused, naming the option and the folder', () => {
  const refusal = (directory: string) =>
    findImages(directory).then(
      () => undefined,
      (error) => error,
    );

  test('where it is missing', async () => {
    const error = await refusal(join(folder, 'missing'));
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error.message).toBe(`--images: there is no folder '${join(folder, 'missing')}'.`);
  });

  test('where it is empty, or holds nothing with an extension', async () => {
    expect((await refusal(folder)).message).toMatch(/^--images: .*holds no files with an extension/);
    write('LICENSE', '.hidden.jpg');
    expect((await refusal(folder)).message).toMatch(/^--images: .*holds no files with an extension/);
  });

  test('where it is a file', async () => {
    write('photo.jpg');
    expect((await refusal(join(folder, 'photo.jpg'))).message).toMatch(/^--images: '.*photo.jpg' is a file/);
  });
});
