import { z } from 'zod';
import { ConflictError } from './errors.ts';
import { milliseconds, objectId } from './schema.ts';

/** Tags, as they are stored. */

export const INITIAL_TAG = 'initial-tag';

/** The key of the table that a name becomes has a limit of its own; the protocol knows none. */
const LONGEST_TAG_NAME = 255;

export const tagName = z
  .string()
  .min(3)
  .max(LONGEST_TAG_NAME)
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9 .:;=@_-]+$/,
    'expected a letter or digit, then letters, digits, blanks and any of .:;=@_-',
  );

/** A name belongs to one tag of a dataset at a time. */
export const tagNameExists = (name: string): ConflictError =>
  new ConflictError(`This dataset has a tag '${name}' already. Choose another name.`, {
    apiCode: 'TAG_NAME_EXISTS',
  });

/** Who or what made or changed a tag, in the protocol's words. */
const TAG_CREATORS = [
  'UNKNOWN',
  'USER_WEBAPP',
  'USER_PIP',
  'USER_PIP_LIGHTLY_MAGIC',
  'USER_WORKER',
  'SAMPLER_ACTIVE_LEARNING',
  'SAMPLER_CORAL',
  'SAMPLER_CORESET',
  'SAMPLER_RANDOM',
] as const;
export type TagCreator = (typeof TAG_CREATORS)[number];

/** One change of a tag. `changes` is the protocol's `TagChangeData`, which may hold more than it knows. */
const tagChange = z.strictObject({
  userId: z.string(),
  creator: z.enum(TAG_CREATORS),
  /** When, in ms. */
  ts: milliseconds,
  changes: z.record(z.string(), z.unknown()),
});
export type TagChange = z.infer<typeof tagChange>;

/** A named subset of a dataset's samples. */
export const tag = z.strictObject({
  id: objectId,
  datasetId: objectId,
  name: tagName,
  /** The tag this one is a subset of; null for the initial tag. */
  prevTagId: objectId.nullable(),
  /** What a selection chose from, and what it took as chosen already. */
  queryTagId: objectId.exactOptional(),
  preselectedTagId: objectId.exactOptional(),
  /** `0x` and hex without leading zeros; the least significant bit is the sample with index 0. */
  bitMaskData: z.string().regex(/^0x[a-f0-9]+$/),
  /** Number of samples. */
  totSize: z.int().nonnegative(),
  creator: z.enum(TAG_CREATORS),
  createdAt: milliseconds,
  lastModifiedAt: milliseconds,
  runId: objectId.exactOptional(),
  /** Oldest first; see `layers/platform/tags/tag-changes.ts` for how many are kept. */
  changes: z.array(tagChange),
});
export type Tag = z.infer<typeof tag>;

/** A tag without its bit mask, which may be large. */
export type TagHeader = Omit<Tag, 'bitMaskData'>;
