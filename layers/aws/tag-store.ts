import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { RetryableError } from '#contracts/errors';
import { type Tag, tag } from '#contracts/items';
import { tagMaskKey } from '#contracts/s3-keys';
import type { ObjectId } from '#contracts/schema';
import { tagKey, tagsPartition } from '#contracts/table-keys';
import type { WritableObjectStore } from '#platform/objects/objects';
import type { TagStore } from '#platform/tags/tags';
import { dynamo } from './expression.ts';
import { itemCodec } from './stored-item.ts';
import { getItem, putItemIfAbsent, type Table, updateItemIf } from './table.ts';
import { itemsOf, readPages } from './table-reads.ts';

/** A mask of this many characters is a quarter of what an item may hold. A longer one is an object in S3. */
const LONGEST_MASK_IN_TABLE = 100_000;

/** Where the mask is an object, its key stands in its place. */
const maskInObject = z.strictObject({
  ...tag.omit({ bitMaskData: true }).shape,
  bitMaskKey: z.string().min(1),
});
const storedTag = z.union([tag, maskInObject]);
type StoredTag = z.infer<typeof storedTag>;
const codec = itemCodec<StoredTag>('tag', storedTag);

/** Tags in the table; long masks are in the platform bucket, under keys that tell their size and never change. */
export function tagStore(table: Table, objects: WritableObjectStore, platformBucket: string): TagStore {
  const masks = { objects, bucket: platformBucket };
  const get = (datasetId: ObjectId, name: string) => getTag(table, masks, datasetId, name);
  return {
    get,
    create: async (created) => {
      const key = tagKey(created.datasetId, created.name);
      if (await putItemIfAbsent(table, codec.encode(await withMaskStored(masks, created), key)))
        return created;
      return (await get(created.datasetId, created.name)) ?? created;
    },
    grow: (grown) => growTag(table, masks, grown),
    list: async (datasetId) => {
      const tags: Tag[] = [];
      for await (const item of itemsOf(readPages(table, { partition: tagsPartition(datasetId) }))) {
        tags.push(await withMaskRead(masks, codec.decode(item)));
      }
      return tags.sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
    },
  };
}

interface MaskObjects {
  readonly objects: WritableObjectStore;
  readonly bucket: string;
}

async function getTag(table: Table, masks: MaskObjects, datasetId: ObjectId, name: string) {
  const item = await getItem(table, tagKey(datasetId, name));
  return item && withMaskRead(masks, codec.decode(item));
}

async function growTag(table: Table, masks: MaskObjects, grown: Tag): Promise<void> {
  const stored = await withMaskStored(masks, grown);
  const change =
    'bitMaskKey' in stored
      ? dynamo`SET #bitMaskKey = ${stored.bitMaskKey}, #totSize = ${grown.totSize}, #lastModifiedAt = ${grown.lastModifiedAt} REMOVE #bitMaskData`
      : dynamo`SET #bitMaskData = ${stored.bitMaskData}, #totSize = ${grown.totSize}, #lastModifiedAt = ${grown.lastModifiedAt} REMOVE #bitMaskKey`;
  await updateItemIf(table, tagKey(grown.datasetId, grown.name), change, dynamo`#totSize < ${grown.totSize}`);
}

/** The object is written before the item names it: what is named always exists. */
async function withMaskStored({ objects, bucket }: MaskObjects, whole: Tag): Promise<StoredTag> {
  const { bitMaskData, ...others } = whole;
  if (bitMaskData.length <= LONGEST_MASK_IN_TABLE) return whole;
  const bitMaskKey = tagMaskKey(whole.datasetId, whole.id, whole.totSize);
  await objects.put({ bucket, key: bitMaskKey }, bitMaskData, { contentType: 'text/plain' });
  return { ...others, bitMaskKey };
}

async function withMaskRead({ objects, bucket }: MaskObjects, stored: StoredTag): Promise<Tag> {
  if (!('bitMaskKey' in stored)) return stored;
  const { bitMaskKey, ...others } = stored;
  const mask = await objects.open({ bucket, key: bitMaskKey });
  if (!mask) throw new RetryableError('MASK_MISSING', `The mask of tag '${stored.id}' is not there.`);
  return { ...others, bitMaskData: await text(mask.body) };
}
