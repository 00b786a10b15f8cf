import { ConflictError, InvalidInputError, NotFoundError } from '#contracts/errors';
import type { ObjectId } from '#contracts/schema';
import { tagKey, tagsPartition } from '#contracts/table-keys';
import type { Tag, TagHeader } from '#contracts/tags';
import type { WritableObjectStore } from '#platform/objects/objects';
import type { TagStore } from '#platform/tags/tags';
import { dynamo } from './expression.ts';
import { deleteItemIf, putItemIfAbsent, type Table, untilSettled } from './table.ts';
import { decodedItems, readPages } from './table-reads.ts';
import {
  changeTag,
  headerOf,
  isSettled,
  maskPlaceOf,
  readTag,
  type SettledTag,
  type TagMasks,
  tagItems,
  tagMasks,
} from './tag-item.ts';
import { listTags } from './tag-list.ts';
import { readClaim, releaseClaim, settleName } from './tag-names.ts';

/** Tags in the table; long masks are in the platform bucket, under keys that tell what they hold. */
export function tagStore(table: Table, objects: WritableObjectStore, platformBucket: string): TagStore {
  const masks = tagMasks(objects, platformBucket);
  const settled = async (datasetId: ObjectId, tagId: ObjectId): Promise<SettledTag | undefined> => {
    const stored = await readTag(table, datasetId, tagId);
    return isSettled(stored) ? stored : undefined;
  };
  const header = async (datasetId: ObjectId, tagId: ObjectId): Promise<TagHeader | undefined> => {
    const stored = await settled(datasetId, tagId);
    return stored && headerOf(stored);
  };
  return {
    create: (created) => createTag(table, masks, created),
    get: async (datasetId, tagId) => {
      const stored = await settled(datasetId, tagId);
      return stored && withMask(masks, stored);
    },
    getHeader: header,
    findByName: async (datasetId, name) => {
      const claim = await readClaim(table, datasetId, name);
      const found = claim && (await header(datasetId, claim.tagId));
      return found?.name === name ? found : undefined;
    },
    ...listTags(table, masks, settled),
    update: (datasetId, tagId, change) => updateTag(table, masks, { datasetId, id: tagId }, change),
    rename: (datasetId, tagId, name) => renameTag(table, { datasetId, id: tagId }, name),
    delete: (datasetId, tagId) => deleteTag(table, { datasetId, id: tagId }),
  };
}

type TagReference = Pick<Tag, 'datasetId' | 'id'>;

async function withMask(masks: TagMasks, stored: SettledTag): Promise<Tag> {
  return { ...headerOf(stored), bitMaskData: await masks.read(stored) };
}

/** A draft first, which keeps its parent from being deleted; then the name, with which it becomes a tag. */
async function createTag(table: Table, masks: TagMasks, created: Tag): Promise<Tag> {
  const { bitMaskData: _, name, ...fields } = created;
  const draft = { ...fields, wantedName: name, ...(await masks.write(created)) };
  const item = tagItems.encode({ ...draft, revision: 0 }, tagKey(created.datasetId, created.id));
  const stored = await untilSettled(async () => {
    await putItemIfAbsent(table, item);
    const found = await changeTag(table, created, (before) =>
      isSettled(before) ? undefined : { ...draft, revision: before.revision },
    );
    if (isSettled(found)) return found;
    if (!found || !(await nameDraft(table, created))) return undefined;
    const named = await readTag(table, created.datasetId, created.id);
    return isSettled(named) ? named : undefined;
  });
  return withMask(masks, stored);
}

/** False where somebody else has changed the draft. A draft that can't become a tag is deleted. */
async function nameDraft(table: Table, draft: Tag): Promise<boolean> {
  try {
    await requireParent(table, draft);
    return await settleName(table, draft);
  } catch (error) {
    if (error instanceof ConflictError || error instanceof InvalidInputError) await deleteDraft(table, draft);
    throw error;
  }
}

/** Writes the parent: who is about to delete it finds that it has changed, and looks for children again. */
async function requireParent(table: Table, { datasetId, prevTagId }: Tag): Promise<void> {
  if (prevTagId === null) return;
  const parent = await changeTag(table, { datasetId, id: prevTagId }, (stored) => stored);
  if (isSettled(parent)) return;
  throw new InvalidInputError(`prevTagId: this dataset has no tag '${prevTagId}'. Name one that it has.`, {
    apiCode: 'TAG_PREVTAG_NOT_IN_DATASET',
  });
}

const deleteDraft = (table: Table, { datasetId, id }: TagReference): Promise<boolean> =>
  deleteItemIf(table, tagKey(datasetId, id), dynamo`attribute_not_exists(#name)`);

async function updateTag(
  table: Table,
  masks: TagMasks,
  reference: TagReference,
  change: (stored: Tag) => Tag | undefined,
): Promise<Tag | undefined> {
  let latest: Tag | undefined;
  await changeTag(table, reference, async (stored) => {
    latest = undefined;
    if (!isSettled(stored)) return undefined;
    const before = await withMask(masks, stored);
    latest = before;
    const changed = change(before);
    if (!changed) return undefined;
    const { id, datasetId, name, wantedName, revision } = stored;
    latest = { ...changed, id, datasetId, name };
    const { bitMaskData, ...fields } = latest;
    const place = bitMaskData === before.bitMaskData ? maskPlaceOf(stored) : await masks.write(latest);
    return { ...fields, revision, ...place, ...(wantedName !== undefined && { wantedName }) };
  });
  return latest;
}

async function renameTag(table: Table, reference: TagReference, name: string): Promise<void> {
  const { datasetId, id } = reference;
  await untilSettled(async () => {
    const before = await readTag(table, datasetId, id);
    if (!isSettled(before)) throw new NotFoundError('tag', id);
    if (before.name === name) return true;
    const claim = await readClaim(table, datasetId, before.name);
    await changeTag(table, reference, (stored) =>
      stored.name === before.name ? { ...stored, wantedName: name } : undefined,
    );
    if (!(await settleWantedName(table, reference, name))) return undefined;
    if (claim?.tagId === id) await releaseClaim(table, datasetId, claim);
    return true;
  });
}

async function settleWantedName(table: Table, reference: TagReference, name: string): Promise<boolean> {
  try {
    return await settleName(table, { ...reference, name });
  } catch (error) {
    await changeTag(table, reference, ({ wantedName, ...others }) =>
      wantedName === name ? others : undefined,
    );
    throw error;
  }
}

async function deleteTag(table: Table, reference: TagReference): Promise<void> {
  const { datasetId, id } = reference;
  await untilSettled(async () => {
    const stored = await readTag(table, datasetId, id);
    if (!isSettled(stored)) return true;
    const claim = await readClaim(table, datasetId, stored.name);
    await requireLeaf(table, stored);
    if (!(await deleteItemIf(table, tagKey(datasetId, id), dynamo`#revision = ${stored.revision}`))) {
      return undefined;
    }
    if (claim?.tagId === id) await releaseClaim(table, datasetId, claim);
    return true;
  });
}

/** A draft is deleted: it may be what a dead process has left, and whoever is alive finds that the parent is gone. */
async function requireLeaf(table: Table, { id, name, datasetId }: SettledTag): Promise<void> {
  const pages = readPages(table, { partition: tagsPartition(datasetId) });
  for await (const child of decodedItems(tagItems, pages)) {
    if (child.prevTagId !== id || (!isSettled(child) && (await deleteDraft(table, child)))) continue;
    throw new ConflictError(
      `Tag '${name}' is the parent of tag '${child.name ?? child.wantedName}'. Delete that one first.`,
      { apiCode: 'TAG_UNDELETABLE_NOT_A_LEAF' },
    );
  }
}
