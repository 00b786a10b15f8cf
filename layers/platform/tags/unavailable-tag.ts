import { ADMINISTRATOR_ID } from '#contracts/access';
import { ConflictError } from '#contracts/errors';
import type { ObjectId } from '#contracts/schema';
import type { Tag, TagChange } from '#contracts/tags';
import { derivedObjectId } from '../derived-id.ts';
import type { SampleAvailability } from '../samples/sample-availability.ts';
import { maskOfIndexes } from './bit-mask.ts';
import { initialTagId } from './run-tags.ts';
import { withChange } from './tag-changes.ts';
import type { TagStore } from './tags.ts';

/** What programs subtract from other tags to have what is there. */
export const UNAVAILABLE_TAG = 'no-longer-available';

export interface UnavailableTagDeps {
  readonly tags: Pick<TagStore, 'create' | 'getHeader' | 'update'>;
  readonly sampleAvailability: Pick<SampleAvailability, 'unavailableIndexes'>;
  /** ms */
  readonly now: () => number;
}

const unavailableTagId = (datasetId: ObjectId): ObjectId =>
  derivedObjectId('tag', datasetId, UNAVAILABLE_TAG);

/**
 * Brings the tag of the samples whose image is gone up to date. It is made when there is the first one, and stays, empty, when
 * there is none any more. Where somebody has given another tag its name, that one is left alone.
 *
 * @returns the mask of these samples
 */
export async function maintainUnavailableTag(
  datasetId: ObjectId,
  { tags, sampleAvailability, now }: UnavailableTagDeps,
): Promise<string> {
  const indexes = await Array.fromAsync(sampleAvailability.unavailableIndexes(datasetId));
  const bitMaskData = maskOfIndexes(indexes, (indexes.at(-1) ?? -1) + 1);
  const id = unavailableTagId(datasetId);
  const at = now();
  const stored = await tags.update(datasetId, id, (tag) =>
    tag.bitMaskData === bitMaskData ? undefined : changed(tag, { bitMaskData, count: indexes.length, at }),
  );
  if (stored || indexes.length === 0) return bitMaskData;
  const initial = await tags.getHeader(datasetId, initialTagId(datasetId));
  if (!initial) return bitMaskData;
  const { createdAt } = initial;
  const made = { id, datasetId, name: UNAVAILABLE_TAG, prevTagId: initial.id, bitMaskData };
  try {
    await tags.create({
      ...made,
      ...{ totSize: indexes.length, creator: 'USER_WORKER', lastModifiedAt: at },
      // As old as the tag of all samples: whoever takes the newest tag for the latest selection must not get this one.
      createdAt,
      changes: [byWinnow(at, { count: indexes.length, added: indexes.length, removed: 0 })],
    });
  } catch (error) {
    if (!(error instanceof ConflictError) || error.apiCode !== 'TAG_NAME_EXISTS') throw error;
  }
  return bitMaskData;
}

function changed(
  tag: Tag,
  { bitMaskData, count, at }: { readonly bitMaskData: string; readonly count: number; readonly at: number },
): Tag {
  const added = Math.max(0, count - tag.totSize);
  const removed = Math.max(0, tag.totSize - count);
  const changes = withChange(tag.changes, byWinnow(at, { count, added, removed }));
  return { ...tag, bitMaskData, totSize: count, lastModifiedAt: at, changes };
}

const byWinnow = (
  ts: number,
  counts: { readonly count: number; readonly added: number; readonly removed: number },
): TagChange => ({
  userId: ADMINISTRATOR_ID,
  creator: 'USER_WORKER',
  ts,
  changes: { samples: { method: 'selected', ...counts } },
});
