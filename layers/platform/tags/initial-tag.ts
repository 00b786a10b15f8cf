import { ConflictError, InvalidInputError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { type ObjectId, parseWith } from '#contracts/schema';
import { INITIAL_TAG, type Tag, type TagCreator, tagName } from '#contracts/tags';
import type { DatasetStore } from '../datasets/datasets.ts';
import { EMPTY_MASK, endOfMask, maskOfRange } from './bit-mask.ts';
import { type TagDeps, writeTag } from './create-tag.ts';
import { initialTagId } from './run-tags.ts';
import { withChange } from './tag-changes.ts';

/** The initial tag holds all samples of the dataset; every other tag is a part of it. */

interface InitialTagRequest {
  readonly name?: string;
  readonly creator?: TagCreator;
  readonly imgType: NonNullable<Dataset['imgType']>;
  readonly runId?: ObjectId;
}
interface InitialTagDeps extends TagDeps {
  readonly datasets: Pick<DatasetStore, 'touch' | 'setImageType'>;
}

/**
 * Creates the initial tag, with all samples that the dataset has. A run that asks again gets what it has made.
 * @throws ConflictError `TAG_INITIAL_EXISTS`, or `TAG_NAME_EXISTS` where another tag has the name
 */
export async function createInitialTag(
  dataset: Dataset,
  { name = INITIAL_TAG, creator = 'UNKNOWN', imgType, runId }: InitialTagRequest,
  userId: string,
  { tags, datasets, now }: InitialTagDeps,
): Promise<ObjectId> {
  parseWith(tagName, name, 'name');
  const id = initialTagId(dataset.id);
  const stored = await tags.getHeader(dataset.id, id);
  if (stored && (runId === undefined || stored.runId !== runId)) {
    throw new ConflictError(`This dataset has its initial tag '${stored.name}' already. Upsize it instead.`, {
      apiCode: 'TAG_INITIAL_EXISTS',
    });
  }
  await datasets.setImageType(dataset.id, imgType);
  if (stored) return id;
  const at = now();
  const ofRun = runId === undefined ? {} : { runId };
  await tags.create({
    ...ofRun,
    id,
    datasetId: dataset.id,
    name,
    prevTagId: null,
    bitMaskData: maskOfRange(0, dataset.sampleCount),
    totSize: dataset.sampleCount,
    creator,
    createdAt: at,
    lastModifiedAt: at,
    changes: [{ userId, creator, ts: at, changes: { initial: ofRun } }],
  });
  return id;
}

interface UpsizeRequest {
  readonly upsizeTagName: string;
  readonly upsizeTagCreator: TagCreator;
  readonly runId?: ObjectId;
}

/**
 * Makes a tag of the samples that the initial tag does not have yet, and lets that one grow by them. The tag comes
 * first: where a process dies in between, its samples are still missing in the initial tag, which tells whoever asks
 * again with the same name that the work is theirs to finish.
 *
 * @throws InvalidInputError `TAG_NO_TAG_IN_DATASET` without initial tag; ConflictError `TAG_NAME_EXISTS`
 */
export async function upsizeTags(
  dataset: Dataset,
  request: UpsizeRequest,
  userId: string,
  deps: TagDeps,
): Promise<ObjectId> {
  parseWith(tagName, request.upsizeTagName, 'upsizeTagName');
  const initial = await deps.tags.getHeader(dataset.id, initialTagId(dataset.id));
  if (!initial) {
    throw new InvalidInputError('This dataset has no initial tag that could grow. Create that first.', {
      apiCode: 'TAG_NO_TAG_IN_DATASET',
    });
  }
  const unfinished = await findUnfinished(dataset, request, initial.totSize, deps);
  const tag = unfinished ?? { ...request, bitMaskData: maskOfNew(dataset, initial.totSize) };
  const id =
    unfinished?.id ?? (await writeUpsized(dataset, initial.id, tag.bitMaskData, request, userId, deps));
  await growInitial(dataset, endOfMask(tag.bitMaskData), request, userId, deps);
  return id;
}

const maskOfNew = ({ sampleCount }: Dataset, from: number): string =>
  sampleCount > from ? maskOfRange(from, sampleCount) : EMPTY_MASK;

async function findUnfinished(
  dataset: Dataset,
  { upsizeTagName, runId }: UpsizeRequest,
  initialSize: number,
  { tags }: TagDeps,
): Promise<Tag | undefined> {
  const header = await tags.findByName(dataset.id, upsizeTagName);
  const tag = header && (await tags.get(dataset.id, header.id));
  if (!tag) return undefined;
  const isOfRun = runId !== undefined && tag.runId === runId;
  return isOfRun || endOfMask(tag.bitMaskData) > initialSize ? tag : undefined;
}

function writeUpsized(
  dataset: Dataset,
  prevTagId: ObjectId,
  bitMaskData: string,
  { upsizeTagName: name, upsizeTagCreator: creator, runId }: UpsizeRequest,
  userId: string,
  deps: TagDeps,
): Promise<ObjectId> {
  const tag = { name, prevTagId, bitMaskData, creator, ...(runId !== undefined && { runId }) };
  return writeTag(dataset, tag, { userId, changes: {} }, deps);
}

async function growInitial(
  dataset: Dataset,
  totSize: number,
  { upsizeTagCreator: creator, runId }: UpsizeRequest,
  userId: string,
  { tags, now }: TagDeps,
): Promise<void> {
  const ts = now();
  await tags.update(dataset.id, initialTagId(dataset.id), (initial) => {
    if (initial.totSize >= totSize) return undefined;
    const upsize = { from: initial.totSize, to: totSize, ...(runId !== undefined && { runId }) };
    const changes = withChange(initial.changes, { userId, creator, ts, changes: { upsize } });
    const bitMaskData = maskOfRange(0, totSize);
    return { ...initial, bitMaskData, totSize, lastModifiedAt: ts, changes };
  });
}
