import type { ObjectId } from '#contracts/schema';
import { tagsPartition } from '#contracts/table-keys';
import type { Tag, TagHeader } from '#contracts/tags';
import type { TagStore } from '#platform/tags/tags';
import type { Table } from './table.ts';
import { decodedItems, readPages } from './table-reads.ts';
import { headerOf, isSettled, type SettledTag, type TagMasks, tagItems } from './tag-item.ts';

/** Masks that a listing keeps of those that come with the items; beyond that it reads them when their turn comes. */
const MOST_MASK_CHARACTERS = 4_000_000;
/** Masks that are read at a time: of a million samples each, two megabytes. */
const CONCURRENT_MASK_READS = 8;

/** @param read the tag with this id as it is now, if it is there */
export function listTags(
  table: Table,
  masks: TagMasks,
  read: (datasetId: ObjectId, tagId: ObjectId) => Promise<SettledTag | undefined>,
): Pick<TagStore, 'list' | 'listHeaders'> {
  return {
    listHeaders: async (datasetId) =>
      (await listedTags(table, datasetId, 0)).map(({ header }) => header).sort(newestFirst),
    list: async function* (datasetId) {
      const listed = await listedTags(table, datasetId, MOST_MASK_CHARACTERS);
      listed.sort((a, b) => newestFirst(a.header, b.header));
      const whole = async ({ header, mask }: ListedTag): Promise<Tag | undefined> => {
        if (mask !== undefined) return { ...header, bitMaskData: mask };
        const stored = await read(datasetId, header.id);
        return stored && { ...headerOf(stored), bitMaskData: await masks.read(stored) };
      };
      for (let from = 0; from < listed.length; from += CONCURRENT_MASK_READS) {
        const tags = await Promise.all(listed.slice(from, from + CONCURRENT_MASK_READS).map(whole));
        for (const found of tags) if (found) yield found;
      }
    },
  };
}

interface ListedTag {
  readonly header: TagHeader;
  readonly mask: string | undefined;
}

async function listedTags(table: Table, datasetId: ObjectId, mostCharacters: number): Promise<ListedTag[]> {
  const listed: ListedTag[] = [];
  let kept = 0;
  const pages = readPages(table, { partition: tagsPartition(datasetId) });
  for await (const stored of decodedItems(tagItems, pages)) {
    if (!isSettled(stored)) continue;
    const { bitMaskData: mask } = stored;
    kept += mask?.length ?? 0;
    listed.push({ header: headerOf(stored), mask: kept <= mostCharacters ? mask : undefined });
  }
  return listed;
}

const newestFirst = (a: TagHeader, b: TagHeader): number =>
  b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1);
