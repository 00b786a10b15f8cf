/** What S3 takes as a key, in bytes. */
export const LONGEST_PATH_BYTES = 1_024;

/**
 * Why a path can't lead below a folder, in words that follow the name of the field; undefined where it can.
 * A path that passes leads nowhere else, on any operating system, and comes back from the table as it went in.
 */
export function faultOfPath(path: string): string | undefined {
  if (path === '') return 'must not be empty';
  if (Buffer.byteLength(path) > LONGEST_PATH_BYTES) return `must have at most ${LONGEST_PATH_BYTES} bytes`;
  if (!path.isWellFormed()) return 'must be well-formed Unicode';
  if (path.includes('\0')) return 'must not have a NUL character';
  const steps = path.split(/[/\\]/);
  if (steps[0] === '' || /^[a-zA-Z]:$/.test(steps[0] ?? ''))
    return 'must be relative: without a leading slash';
  if (steps.some((step) => step === '.' || step === '..')) return "must not have a step '.' or '..'";
  return undefined;
}

/** As {@link faultOfPath}, of a path that names a file. */
export const faultOfFilePath = (path: string): string | undefined =>
  faultOfPath(path) ?? (path.endsWith('/') ? 'must name a file, not a folder' : undefined);
