import { InvalidInputError } from '#contracts/errors';
import { isNestedDeeperThan } from '#contracts/nesting';
import type { Sample } from '#contracts/samples';
import { faultOfFilePath } from '../objects/relative-path.ts';

/** What a client says of a sample. */
export type GivenData = Partial<
  Pick<Sample, 'thumbName' | 'metaData' | 'customMetaData' | 'exif' | 'videoFrameData' | 'cropData'>
> & { readonly fileName?: string };

/** Of each of the fields of a client's own, as JSON. Three of them and the facts fit into one item of the table. */
const LARGEST_FIELD_BYTES = 64 * 1024;
/** What is nested deeper is no metadata, and would cost a reader its stack. */
const DEEPEST_NESTING = 32;

const FREE_FIELDS = ['customMetaData', 'metaData', 'exif', 'videoFrameData'] as const;

/**
 * @throws InvalidInputError SAMPLE_CREATE_REQUEST_INVALID_FORMAT for a name that is no relative path,
 * CUSTOM_METADATA_AT_MAX_SIZE for a field that is too large
 */
export function checkGivenData(given: GivenData): void {
  checkName('fileName', given.fileName);
  checkName('thumbName', given.thumbName);
  for (const field of FREE_FIELDS) checkSize(field, given[field]);
}

function checkName(field: string, name: string | undefined): void {
  const fault = name === undefined ? undefined : faultOfFilePath(name);
  if (fault === undefined) return;
  throw new InvalidInputError(`${field} ${fault}.`, { apiCode: 'SAMPLE_CREATE_REQUEST_INVALID_FORMAT' });
}

function checkSize(field: string, value: unknown): void {
  if (value === undefined) return;
  if (isNestedDeeperThan(DEEPEST_NESTING, value)) {
    throw new InvalidInputError(`${field} must not be nested deeper than ${DEEPEST_NESTING} levels.`);
  }
  if (Buffer.byteLength(JSON.stringify(value)) <= LARGEST_FIELD_BYTES) return;
  throw new InvalidInputError(
    `${field} must have at most ${LARGEST_FIELD_BYTES} bytes as JSON. Keep what is larger in your datasource.`,
    { apiCode: 'CUSTOM_METADATA_AT_MAX_SIZE' },
  );
}
