import type { Dataset } from '#contracts/items';
import { type ObjectId, parseWith } from '#contracts/schema';
import { type Tag, type TagCreator, tagName } from '#contracts/tags';
import { differenceOfMasks, intersectionOfMasks, unionOfMasks } from './bit-mask.ts';
import { type TagDeps, writeTag } from './create-tag.ts';
import { knownTag } from './known-tag.ts';
import { initialTagId } from './run-tags.ts';

const OPERATIONS = {
  UNION: unionOfMasks,
  INTERSECTION: intersectionOfMasks,
  DIFFERENCE: differenceOfMasks,
} as const;

export interface TagArithmetics {
  readonly tagId1: ObjectId;
  readonly tagId2: ObjectId;
  readonly operation: keyof typeof OPERATIONS;
}

/** The samples that two tags have together, both, or only the first. @throws NotFoundError */
export async function combineTags(
  dataset: Dataset,
  arithmetics: TagArithmetics,
  deps: Pick<TagDeps, 'tags'>,
): Promise<{ readonly bitMaskData: string; readonly tags: readonly [Tag, Tag] }> {
  const { tagId1, tagId2, operation } = arithmetics;
  const [first, second] = await Promise.all([
    knownTag(dataset.id, tagId1, deps),
    knownTag(dataset.id, tagId2, deps),
  ]);
  return {
    bitMaskData: OPERATIONS[operation](first.bitMaskData, second.bitMaskData),
    tags: [first, second],
  };
}

/**
 * A new tag of what {@link combineTags} gives. It is a part of the first tag, or of the initial tag where that is
 * not so. A run that asks again gets the tag that it has made.
 *
 * @throws NotFoundError; ConflictError `TAG_NAME_EXISTS`
 */
export async function createCombinedTag(
  dataset: Dataset,
  request: TagArithmetics & {
    readonly newTagName: string;
    readonly creator?: TagCreator;
    readonly runId?: ObjectId;
  },
  userId: string,
  deps: TagDeps,
): Promise<ObjectId> {
  const { operation, newTagName: name, creator = 'UNKNOWN', runId } = request;
  parseWith(tagName, name, 'newTagName');
  const { bitMaskData, tags } = await combineTags(dataset, request, deps);
  if (runId !== undefined) {
    const earlier = await deps.tags.findByName(dataset.id, name);
    if (earlier?.runId === runId) return earlier.id;
  }
  const [first, second] = tags;
  const prevTagId = operation === 'UNION' ? initialTagId(dataset.id) : first.id;
  const arithmetics = { operation, tag1: first.name, tag2: second.name };
  const tag = { name, prevTagId, bitMaskData, creator, ...(runId !== undefined && { runId }) };
  return writeTag(dataset, tag, { userId, changes: { arithmetics } }, deps);
}
