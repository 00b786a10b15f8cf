import { mkdir, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { InvalidInputError } from '#contracts/errors';
import { EXPORT_FILE_NAMES, MANIFEST_FILE_NAME } from '#contracts/s3-keys';

/** What the demo puts into its output folder. */
export const SUMMARY_FILE = 'summary.json';
export const CONTACT_SHEET_FILE = 'selection.jpg';
/** What people look at of a run, by the name that it has among the run's artifacts. */
export const REPORT_FILES = { html: 'report.html', pdf: 'report.pdf', choices: 'selection.csv' } as const;
export const EXPORTS_FOLDER = 'exports';
export const ARCHIVE_FOLDER = 'archive';

/**
 * Makes the output folder and removes what an earlier demo put into it; other files stay, also in folders of the
 * same names.
 *
 * @throws InvalidInputError where the folder can't be written, or is that of the images.
 */
export async function prepareOutput(directory: string, imagesDirectory: string | undefined): Promise<void> {
  try {
    await makeFolder(resolve(directory));
    await assertWritable(directory);
  } catch (cause) {
    throw unusable(directory, cause);
  }
  if (imagesDirectory !== undefined && (await realpath(imagesDirectory)) === (await realpath(directory))) {
    throw new InvalidInputError('--out: choose a folder other than that of the images.');
  }
  await removeEarlierOutput(directory);
}

/** An error of the file system, as one of what the user gave. */
export function unusable(directory: string, cause: unknown): InvalidInputError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InvalidInputError(`--out: can't write to the folder '${directory}' (${reason}).`, { cause });
}

const FILE_SYSTEM_CODES = [
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
  'EACCES',
  'EPERM',
  'EROFS',
  'EIO',
  'ENOTDIR',
  'EISDIR',
];

/** A disk that is full or taken away, as opposed to a service that does not answer. */
export const isFileSystemError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && FILE_SYSTEM_CODES.includes(String(error.code));

/** Node's own recursive `mkdir` tries without end where a file system, such as /proc, takes no folders. */
async function makeFolder(directory: string): Promise<void> {
  try {
    await mkdir(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(directory)).isDirectory()) return;
    if (code !== 'ENOENT' || directory === dirname(directory)) throw error;
    await makeFolder(dirname(directory));
    await mkdir(directory);
  }
}

async function assertWritable(directory: string): Promise<void> {
  const trial = join(directory, `.winnow-${process.pid}`);
  await writeFile(trial, 'x');
  await rm(trial);
}

async function removeEarlierOutput(directory: string): Promise<void> {
  const archives = (await readdir(join(directory, ARCHIVE_FOLDER)).catch(() => [])).filter((name) =>
    /^[0-9a-f]{24}\.zip$/.test(name),
  );
  const exported = [...Object.values(EXPORT_FILE_NAMES), MANIFEST_FILE_NAME];
  const files = [
    SUMMARY_FILE,
    CONTACT_SHEET_FILE,
    ...Object.values(REPORT_FILES),
    ...exported.map((name) => join(EXPORTS_FOLDER, name)),
    ...archives.map((name) => join(ARCHIVE_FOLDER, name)),
  ];
  for (const file of files) await rm(join(directory, file), { force: true });
}
