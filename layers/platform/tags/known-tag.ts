import { NotFoundError } from '#contracts/errors';
import type { ObjectId } from '#contracts/schema';
import type { Tag, TagHeader } from '#contracts/tags';
import type { TagStore } from './tags.ts';

/** A tag of the dataset. @throws NotFoundError also for a tag of another dataset */
export async function knownTag(
  datasetId: ObjectId,
  tagId: ObjectId,
  { tags }: { readonly tags: Pick<TagStore, 'get'> },
): Promise<Tag> {
  const tag = await tags.get(datasetId, tagId);
  if (!tag) throw new NotFoundError('tag', tagId);
  return tag;
}

/** As {@link knownTag}, without its mask, which may be large. @throws NotFoundError */
export async function knownTagHeader(
  datasetId: ObjectId,
  tagId: ObjectId,
  { tags }: { readonly tags: Pick<TagStore, 'getHeader'> },
): Promise<TagHeader> {
  const header = await tags.getHeader(datasetId, tagId);
  if (!header) throw new NotFoundError('tag', tagId);
  return header;
}
