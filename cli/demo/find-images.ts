import { readdir } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { InvalidInputError } from '#contracts/errors';

export interface FoundFile {
  readonly path: string;
  /** Path below the folder, with `/`, which becomes the file name in the dataset. */
  readonly fileName: string;
}

/**
 * Every file below `directory` that has an extension, whether or not it is an image: telling is Winnow's job.
 * Hidden files and files without an extension (LICENSE, Makefile) are left out and counted.
 *
 * @throws InvalidInputError where the folder can't be read or has no such file.
 */
export async function findImages(directory: string): Promise<{ files: FoundFile[]; leftOut: string[] }> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch((cause) => {
    throw new InvalidInputError(`--images: the folder '${directory}' can't be read.`, { cause });
  });
  const files: FoundFile[] = [];
  const leftOut: string[] = [];
  for (const entry of entries.filter((candidate) => candidate.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const fileName = relative(directory, path).split(sep).join('/');
    const hidden = fileName.split('/').some((part) => part.startsWith('.'));
    if (hidden || extname(fileName) === '') leftOut.push(fileName);
    else files.push({ path, fileName });
  }
  if (files.length === 0) throw new InvalidInputError(`--images: the folder '${directory}' holds no files.`);
  files.sort((a, b) => (a.fileName < b.fileName ? -1 : 1));
  return { files, leftOut };
}
