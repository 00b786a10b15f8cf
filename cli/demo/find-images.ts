import { readdir, stat } from 'node:fs/promises';
import { extname, join, relative, resolve, sep } from 'node:path';
import { InvalidInputError } from '#contracts/errors';
import { landingPrefix } from '#contracts/s3-keys';
import { DATASET } from './dataset.ts';

export interface FoundFile {
  readonly path: string;
  /** Path below the folder, with `/`, which becomes the file name in the dataset. */
  readonly fileName: string;
}

export interface FoundImages {
  /** Both in the order of file names. */
  readonly files: readonly FoundFile[];
  readonly leftOut: readonly LeftOutFile[];
}
export interface LeftOutFile {
  readonly fileName: string;
  readonly reason: ReasonToLeaveOut;
}
export type ReasonToLeaveOut =
  | 'hidden'
  | 'without an extension'
  | 'not a readable file'
  | 'name too long for S3';

/** S3 takes keys of at most 1,024 bytes. */
const LONGEST_FILE_NAME_BYTES = 1024 - Buffer.byteLength(landingPrefix(DATASET));

/**
 * Every file below `directory` that has an extension, whether or not it is an image: telling is Winnow's job. Links
 * to files count as files. What is below `except`, the output of the demo itself, is not looked at.
 *
 * @throws InvalidInputError where the folder can't be read or has no such file.
 */
export async function findImages(directory: string, except?: string): Promise<FoundImages> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch((cause) => {
    throw new InvalidInputError(`--images: ${whyUnreadable(directory, cause)}`, { cause });
  });
  // An output folder around the images has them below it, and nothing of its own among them.
  const ownOutput = except !== undefined && isBelow(except, directory) ? except : undefined;
  const files: FoundFile[] = [];
  const leftOut: LeftOutFile[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory() || (ownOutput !== undefined && isBelow(path, ownOutput))) continue;
    const fileName = relative(directory, path).split(sep).join('/');
    const reason = await reasonToLeaveOut(path, fileName);
    if (reason === undefined) files.push({ path, fileName });
    else leftOut.push({ fileName, reason });
  }
  if (files.length === 0) {
    throw new InvalidInputError(`--images: the folder '${directory}' holds no files with an extension.`);
  }
  files.sort(byFileName);
  leftOut.sort(byFileName);
  return { files, leftOut };
}

const byFileName = (a: { fileName: string }, b: { fileName: string }) => (a.fileName < b.fileName ? -1 : 1);

async function reasonToLeaveOut(path: string, fileName: string): Promise<ReasonToLeaveOut | undefined> {
  if (fileName.split('/').some((part) => part.startsWith('.'))) return 'hidden';
  if (extname(fileName) === '') return 'without an extension';
  if (Buffer.byteLength(fileName) > LONGEST_FILE_NAME_BYTES) return 'name too long for S3';
  // Follows links; fails for broken ones, and for names that are not valid UTF-8.
  const stats = await stat(path).catch(() => undefined);
  return stats?.isFile() ? undefined : 'not a readable file';
}

function isBelow(path: string, directory: string): boolean {
  return resolve(path).startsWith(resolve(directory) + sep);
}

function whyUnreadable(directory: string, cause: NodeJS.ErrnoException): string {
  if (cause.code === 'ENOENT') return `there is no folder '${directory}'.`;
  if (cause.code === 'ENOTDIR') return `'${directory}' is a file; give the folder that it is in.`;
  return `the folder '${directory}' can't be read (${cause.code}).`;
}
