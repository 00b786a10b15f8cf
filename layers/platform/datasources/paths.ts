import { InvalidInputError } from '#contracts/errors';

/** The longest key that S3 takes. */
const LONGEST_PATH_BYTES = 1024;

/** Printable, not absolute, and no name between slashes is `.` or `..`. */
export function isRelativePath(path: string): boolean {
  if (
    path === '' ||
    path.startsWith('/') ||
    Buffer.byteLength(path) > LONGEST_PATH_BYTES ||
    !path.isWellFormed()
  )
    return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
  if (/[\u0000-\u001f\u007f]/.test(path)) return false;
  return path.split('/').every((name) => name !== '.' && name !== '..');
}

/** @throws InvalidInputError that names the parameter */
export function checkRelativePath(path: string, parameter: string): void {
  if (isRelativePath(path)) return;
  throw new InvalidInputError(
    `${parameter} must be a relative path of at most ${LONGEST_PATH_BYTES} bytes, without control characters and ` +
      `without '.' and '..' between slashes.`,
  );
}
