import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { RetryableError } from '#contracts/errors';
import { tagMaskKey } from '#contracts/s3-keys';
import type { ObjectId } from '#contracts/schema';
import { tagKey } from '#contracts/table-keys';
import { type Tag, type TagHeader, tag, tagName } from '#contracts/tags';
import type { WritableObjectStore } from '#platform/objects/objects';
import { dynamo } from './expression.ts';
import { itemCodec, withJsonFields } from './stored-item.ts';
import { getItem, putItemIf, type Table, untilSettled } from './table.ts';

/** A mask of this many characters is a quarter of what an item may hold. A longer one is an object in S3. */
const LONGEST_MASK_IN_TABLE = 100_000;

/**
 * A tag as it is in the table. A tag without a name is a draft: it is there for those who keep names apart, and for
 * nobody else. `wantedName` is the name that it is about to get.
 */
const storedTag = z.strictObject({
  ...tag.omit({ name: true, bitMaskData: true }).shape,
  name: tagName.optional(),
  wantedName: tagName.optional(),
  /** Counts the writes of this item; a writer must name the one it read. */
  revision: z.int().nonnegative(),
  /** One of the two; where the mask is an object, its key stands in its place. */
  bitMaskData: tag.shape.bitMaskData.optional(),
  bitMaskKey: z.string().min(1).optional(),
});
export type StoredTag = z.infer<typeof storedTag>;
export type SettledTag = StoredTag & { readonly name: string };
export const tagItems = withJsonFields(itemCodec<StoredTag>('tag', storedTag), ['changes']);

export const isSettled = (stored: StoredTag | undefined): stored is SettledTag => stored?.name !== undefined;

export async function readTag(
  table: Table,
  datasetId: ObjectId,
  tagId: ObjectId,
): Promise<StoredTag | undefined> {
  const item = await getItem(table, tagKey(datasetId, tagId));
  return item && tagItems.decode(item);
}

/**
 * Writes what `change` makes of the stored tag, until nobody else has written in between. Returns the stored tag,
 * changed or, where `change` returned undefined, as it was; undefined where there is none.
 */
export async function changeTag(
  table: Table,
  { datasetId, id }: Pick<Tag, 'datasetId' | 'id'>,
  change: (stored: StoredTag) => StoredTag | undefined | Promise<StoredTag | undefined>,
): Promise<StoredTag | undefined> {
  const { stored } = await untilSettled(async () => {
    const before = await readTag(table, datasetId, id);
    const after = before && (await change(before));
    if (!after) return { stored: before };
    const written = { ...after, revision: before.revision + 1 };
    const item = tagItems.encode(written, tagKey(datasetId, id));
    const isSame = await putItemIf(table, item, dynamo`#revision = ${before.revision}`);
    return isSame ? { stored: written } : undefined;
  });
  return stored;
}

export function headerOf(stored: SettledTag): TagHeader {
  const { wantedName: _, revision: __, bitMaskData: ___, bitMaskKey: ____, ...header } = stored;
  return header;
}

type MaskPlace = Pick<StoredTag, 'bitMaskData' | 'bitMaskKey'>;

export function maskPlaceOf({ bitMaskData, bitMaskKey }: StoredTag): MaskPlace {
  return {
    ...(bitMaskData !== undefined && { bitMaskData }),
    ...(bitMaskKey !== undefined && { bitMaskKey }),
  };
}

/** Where masks are kept that are too long for the table. */
export interface TagMasks {
  /** An object is written before an item names it: what is named always exists. */
  write(tag: Pick<Tag, 'datasetId' | 'id' | 'bitMaskData'>): Promise<MaskPlace>;
  read(stored: Pick<StoredTag, 'id'> & MaskPlace): Promise<string>;
}

export function tagMasks(objects: WritableObjectStore, bucket: string): TagMasks {
  return {
    write: async ({ datasetId, id, bitMaskData }) => {
      if (bitMaskData.length <= LONGEST_MASK_IN_TABLE) return { bitMaskData };
      const digest = createHash('sha256').update(bitMaskData).digest('hex');
      const bitMaskKey = tagMaskKey(datasetId, id, digest);
      await objects.put({ bucket, key: bitMaskKey }, bitMaskData, { contentType: 'text/plain' });
      return { bitMaskKey };
    },
    read: async ({ id, bitMaskData, bitMaskKey }) => {
      if (bitMaskData !== undefined) return bitMaskData;
      const mask = bitMaskKey === undefined ? undefined : await objects.open({ bucket, key: bitMaskKey });
      if (!mask) throw new RetryableError('MASK_MISSING', `The mask of tag '${id}' is not there.`);
      return text(mask.body);
    },
  };
}
