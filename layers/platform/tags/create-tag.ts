import { InvalidInputError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { newObjectId, type ObjectId, parseWith } from '#contracts/schema';
import { type Tag, type TagChange, type TagCreator, tagName } from '#contracts/tags';
import type { DatasetStore } from '../datasets/datasets.ts';
import { canonicalMask, endOfMask, isWithinMask, sizeOfMask } from './bit-mask.ts';
import type { TagStore } from './tags.ts';

export interface TagDeps {
  readonly tags: TagStore;
  readonly datasets: Pick<DatasetStore, 'touch'>;
  /** ms */
  readonly now: () => number;
}

/** A tag that a client asks for. */
export interface TagRequest {
  readonly name: string;
  readonly prevTagId: ObjectId;
  readonly queryTagId?: ObjectId;
  readonly preselectedTagId?: ObjectId;
  readonly bitMaskData: string;
  /** Number of samples of the tag or, as older clients have it, of the dataset. */
  readonly totSize: number;
  readonly creator?: TagCreator;
  readonly changes?: TagChange['changes'];
  readonly runId?: ObjectId;
}

/**
 * Creates a tag of a part of its parent's samples. Where the same run asks again for the same tag, as a worker does
 * that did not get the answer, it is the tag that it has made.
 *
 * @throws InvalidInputError for a mask that is not within the dataset and the parent, or tags that the dataset does not
 * have; ConflictError `TAG_NAME_EXISTS`
 */
export async function createTag(
  dataset: Dataset,
  request: TagRequest,
  userId: string,
  deps: TagDeps,
): Promise<ObjectId> {
  parseWith(tagName, request.name, 'name');
  const bitMaskData = maskWithin(dataset, request.bitMaskData);
  const totSize = sizeOfMask(bitMaskData);
  if (request.totSize < totSize || request.totSize > dataset.sampleCount) {
    throw invalidTag(
      `totSize: the mask has ${totSize} samples and the dataset ${dataset.sampleCount}, so ${request.totSize} is neither`,
    );
  }
  await requireNamedTags(dataset, request, deps);
  await requireWithinParent(dataset, request.prevTagId, bitMaskData, deps);
  const earlier = await ofTheSameRun(dataset, { ...request, bitMaskData }, deps);
  if (earlier) return earlier;
  const { changes = {}, creator = 'UNKNOWN', totSize: _, ...fields } = request;
  return writeTag(dataset, { ...fields, creator, bitMaskData }, { userId, changes }, deps);
}

/** What is written of a tag whose rules have been checked. */
type CheckedTag = Pick<Tag, 'name' | 'prevTagId' | 'bitMaskData' | 'creator'> &
  Partial<Pick<Tag, 'queryTagId' | 'preselectedTagId' | 'runId'>>;

/** @returns the id of the new tag. @throws ConflictError `TAG_NAME_EXISTS` */
export async function writeTag(
  dataset: Dataset,
  checked: CheckedTag,
  { userId, changes }: Pick<TagChange, 'userId' | 'changes'>,
  { tags, datasets, now }: TagDeps,
): Promise<ObjectId> {
  const at = now();
  const created = await tags.create({
    ...checked,
    id: newObjectId(at),
    datasetId: dataset.id,
    totSize: sizeOfMask(checked.bitMaskData),
    createdAt: at,
    lastModifiedAt: at,
    changes: Object.keys(changes).length > 0 ? [{ userId, creator: checked.creator, ts: at, changes }] : [],
  });
  await datasets.touch(dataset.id);
  return created.id;
}

/** The mask without leading zeros. @throws InvalidInputError where it names a sample that the dataset does not have */
export function maskWithin(dataset: Dataset, bitMaskData: string): string {
  const mask = canonicalMask(bitMaskData);
  const end = endOfMask(mask);
  if (end <= dataset.sampleCount) return mask;
  throw invalidTag(
    `bitMaskData: it has sample index ${end - 1}, and the dataset has ${dataset.sampleCount} samples`,
  );
}

/** @throws InvalidInputError */
export async function requireWithinParent(
  dataset: Dataset,
  prevTagId: ObjectId,
  mask: string,
  { tags }: Pick<TagDeps, 'tags'>,
): Promise<void> {
  const parent = await tags.get(dataset.id, prevTagId);
  if (!parent) throw notInDataset('prevTagId', prevTagId, 'TAG_PREVTAG_NOT_IN_DATASET');
  if (isWithinMask(mask, parent.bitMaskData)) return;
  const remedy = parent.prevTagId === null ? ' Upsize the dataset first' : ' Name another parent';
  throw invalidTag(
    `bitMaskData: it has samples that its parent, tag '${parent.name}', does not have.${remedy}`,
  );
}

async function requireNamedTags(
  dataset: Dataset,
  { queryTagId, preselectedTagId }: TagRequest,
  { tags }: TagDeps,
): Promise<void> {
  if (queryTagId !== undefined && !(await tags.getHeader(dataset.id, queryTagId))) {
    throw notInDataset('queryTagId', queryTagId, 'TAG_QUERYTAG_NOT_IN_DATASET');
  }
  if (preselectedTagId !== undefined && !(await tags.getHeader(dataset.id, preselectedTagId))) {
    throw notInDataset('preselectedTagId', preselectedTagId, 'TAG_PRESELECTEDTAG_NOT_IN_DATASET');
  }
}

async function ofTheSameRun(
  dataset: Dataset,
  { name, runId, prevTagId, bitMaskData }: TagRequest,
  { tags }: TagDeps,
): Promise<ObjectId | undefined> {
  if (runId === undefined) return undefined;
  const header = await tags.findByName(dataset.id, name);
  if (header?.runId !== runId || header.prevTagId !== prevTagId) return undefined;
  return (await tags.get(dataset.id, header.id))?.bitMaskData === bitMaskData ? header.id : undefined;
}

function notInDataset(
  field: string,
  id: ObjectId,
  apiCode: 'TAG_PREVTAG_NOT_IN_DATASET' | 'TAG_QUERYTAG_NOT_IN_DATASET' | 'TAG_PRESELECTEDTAG_NOT_IN_DATASET',
): InvalidInputError {
  return new InvalidInputError(`${field}: this dataset has no tag '${id}'. Name one that it has.`, {
    apiCode,
  });
}

export const invalidTag = (message: string): InvalidInputError =>
  new InvalidInputError(`${message}.`, { apiCode: 'DATASET_TAG_INVALID' });
