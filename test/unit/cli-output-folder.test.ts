import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EXPORT_FILE_NAMES } from '#contracts/s3-keys';
import { prepareOutput } from '../../cli/demo/output-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'winnow-out-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(...names: string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), 'x');
  }
}
const files = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

describe('the output folder', () => {
  test('is made where it is missing, with those around it', async () => {
    await prepareOutput(join(folder, 'a', 'b'), undefined);
    expect(existsSync(join(folder, 'a', 'b'))).toBe(true);
  });

  test('loses what an earlier demo made and keeps everything else', async () => {
    const foreign = ['archive/holiday.jpg', 'archive/photos.zip', 'exports/mine.json', 'notes.txt'];
    write(...foreign);
    write('summary.json', 'selection.jpg', 'exports/manifest.json', 'archive/0123456789abcdef01234567.zip');
    write('report.html', 'report.pdf', 'selection.csv');
    write(...Object.values(EXPORT_FILE_NAMES).map((name) => `exports/${name}`));
    await prepareOutput(folder, undefined);
    expect(files()).toEqual(foreign);
  });

  test('is refused untouched where it is that of the images, also by another name', async () => {
    write('summary.json', 'photos/selection.jpg');
    symlinkSync(join(folder, 'photos'), join(folder, 'same-photos'));
    await expect(prepareOutput(join(folder, 'same-photos'), join(folder, 'photos'))).rejects.toThrow(
      '--out: choose a folder other than that of the images',
    );
    expect(files()).toEqual(expect.arrayContaining(['photos/selection.jpg', 'summary.json']));
  });

  test('is refused below a file system that takes no folders', async () => {
    await expect(prepareOutput('/proc/winnow/out', undefined)).rejects.toThrow(/^--out: can't write/);
  });

  test.each(['taken.txt', 'taken.txt/below'])('is refused where it can not be one: %s', async (name) => {
    write('taken.txt');
    await expect(prepareOutput(join(folder, name), undefined)).rejects.toThrow(
      /^--out: can't write to the folder/,
    );
  });
});
