import { resolve, sep } from 'node:path';
import { UnsafeFileNameError } from './errors.ts';

/**
 * Where a file that the server names is put in a folder.
 * @throws UnsafeFileNameError where that is no place inside the folder
 */
export function pathInside(folder: string, fileName: string): string {
  const root = resolve(folder);
  const path = fileName.includes('\0') ? root : resolve(root, fileName);
  const steps = fileName.split(/[/\\]/);
  const inside = path.startsWith(root.endsWith(sep) ? root : root + sep);
  if (!inside || fileName.startsWith('/') || steps.includes('..') || /[/\\]$/.test(fileName)) {
    throw new UnsafeFileNameError(
      `The file name ${JSON.stringify(fileName)} leads out of the folder, or names no file in it.`,
    );
  }
  return path;
}
