import type { TagData } from '#contracts/protocol/types.gen';
import type { Tag } from '#contracts/tags';

/**
 * The protocol's `TagData`, which does not say who made the tag. Its `totSize` is how many samples the mask is about,
 * not how many it holds: the dataset's, and of the initial tag those that it has been upsized to.
 */
export function toTagData({ creator: _, ...tag }: Tag, sampleCount: number): TagData {
  return { ...tag, totSize: tag.prevTagId === null ? tag.totSize : sampleCount };
}
