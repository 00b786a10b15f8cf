import { InvalidInputError } from '#contracts/errors';
import { faultOfPath, LONGEST_PATH_BYTES } from '../objects/relative-path.ts';

/** A path below a folder, of printable characters. */
export function isRelativePath(path: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
  return faultOfPath(path) === undefined && !/[\u0000-\u001f\u007f]/.test(path);
}

/** @throws InvalidInputError that names the parameter */
export function checkRelativePath(path: string, parameter: string): void {
  if (isRelativePath(path)) return;
  throw new InvalidInputError(
    `${parameter} must be a relative path of at most ${LONGEST_PATH_BYTES} bytes, without control characters and ` +
      `without '.' and '..' between slashes.`,
  );
}
