import { ConflictError, InvalidInputError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { DEEPEST_NESTING, isNestedDeeperThan } from '#contracts/nesting';
import { type ObjectId, parseWith } from '#contracts/schema';
import { type Tag, type TagChange, type TagCreator, tagName } from '#contracts/tags';
import { differenceOfMasks, isWithinMask, sizeOfMask } from './bit-mask.ts';
import { invalidTag, maskWithin, requireWithinParent, type TagDeps } from './create-tag.ts';
import { knownTag, knownTagHeader } from './known-tag.ts';
import { initialTagId } from './run-tags.ts';
import { withChange } from './tag-changes.ts';

/** What a client asks to change of a tag. */
export interface TagUpdate {
  readonly name: string;
  readonly bitMaskData?: string;
  readonly changes?: TagChange['changes'];
  readonly updateCreator?: TagCreator;
}

/**
 * Renames a tag, gives it other samples, and notes what was changed. The initial tag is what the dataset holds, so
 * neither its name nor its samples can be chosen. Repeated, it changes nothing more.
 *
 * @throws NotFoundError; InvalidInputError `DATASET_TAG_INVALID` for samples that its parent does not have, or that
 * leave out some of a child; ConflictError `TAG_NAME_EXISTS`
 */
export async function changeTag(
  dataset: Dataset,
  tagId: ObjectId,
  update: TagUpdate,
  userId: string,
  deps: TagDeps,
): Promise<void> {
  parseWith(tagName, update.name, 'name');
  const tag = await knownTag(dataset.id, tagId, deps);
  const mask = update.bitMaskData === undefined ? tag.bitMaskData : maskWithin(dataset, update.bitMaskData);
  const isRenamed = update.name !== tag.name;
  if (tag.id === initialTagId(dataset.id) && (isRenamed || mask !== tag.bitMaskData)) {
    throw invalidTag('The initial tag holds all samples and keeps its name. Create another tag instead');
  }
  if (mask !== tag.bitMaskData) await requireBetween(dataset, tag, mask, deps);
  const changes = {
    ...update.changes,
    ...(isRenamed && { rename: { from: tag.name, to: update.name } }),
    ...(mask !== tag.bitMaskData &&
      !update.changes?.samples && { samples: difference(tag.bitMaskData, mask) }),
  };
  if (isRenamed) await deps.tags.rename(dataset.id, tagId, update.name);
  if (Object.keys(changes).length === 0) return;
  const ts = deps.now();
  const change = { userId, creator: update.updateCreator ?? 'UNKNOWN', ts, changes };
  await deps.tags.update(dataset.id, tagId, (stored) => ({
    ...stored,
    bitMaskData: mask,
    totSize: sizeOfMask(mask),
    lastModifiedAt: ts,
    changes: withChange(stored.changes, change),
  }));
  await deps.datasets.touch(dataset.id);
}

/**
 * Deletes a tag that no other tag is a part of; its samples stay.
 * @throws NotFoundError; ConflictError `TAG_UNDELETABLE_IS_INITIAL`, `TAG_UNDELETABLE_NOT_A_LEAF`
 */
export async function deleteTag(dataset: Dataset, tagId: ObjectId, deps: TagDeps): Promise<void> {
  const tag = await knownTagHeader(dataset.id, tagId, deps);
  if (tag.id === initialTagId(dataset.id)) {
    throw new ConflictError('The initial tag is what the dataset holds. It goes with the dataset.', {
      apiCode: 'TAG_UNDELETABLE_IS_INITIAL',
    });
  }
  await deps.tags.delete(dataset.id, tagId);
  await deps.datasets.touch(dataset.id);
}

/** @throws InvalidInputError unless the mask is within the parent and holds every child */
async function requireBetween(dataset: Dataset, tag: Tag, mask: string, deps: TagDeps): Promise<void> {
  if (tag.prevTagId !== null) await requireWithinParent(dataset, tag.prevTagId, mask, deps);
  for (const { id, name, prevTagId } of await deps.tags.listHeaders(dataset.id)) {
    if (prevTagId !== tag.id) continue;
    const child = await deps.tags.get(dataset.id, id);
    if (child && !isWithinMask(child.bitMaskData, mask)) {
      throw invalidTag(`bitMaskData: it leaves out samples of tag '${name}', which is a part of this one`);
    }
  }
}

function difference(before: string, after: string) {
  const added = sizeOfMask(differenceOfMasks(after, before));
  const removed = sizeOfMask(differenceOfMasks(before, after));
  return { method: 'selected', count: sizeOfMask(after), added, removed };
}

/** A client's own words on a change. @throws InvalidInputError where they are too many, or nested too deep */
export function checkGivenChanges(changes: TagChange['changes'] | undefined): void {
  if (isNestedDeeperThan(DEEPEST_NESTING, changes)) {
    throw new InvalidInputError(`changes: expected at most ${DEEPEST_NESTING} levels of nesting.`);
  }
  if (changes === undefined || JSON.stringify(changes).length <= LONGEST_GIVEN_CHANGES) return;
  throw new InvalidInputError(`changes: expected at most ${LONGEST_GIVEN_CHANGES} characters of JSON.`);
}
const LONGEST_GIVEN_CHANGES = 16_384;
