import type { ObjectId } from '#contracts/schema';
import type { Tag, TagHeader } from '#contracts/tags';

/**
 * Tags as they are kept. Their key is their id; a name belongs to one tag of a dataset at a time. A bit mask may be
 * large; where it is kept is the store's business.
 */
export interface TagStore {
  /**
   * Creates the tag, or leaves it as it is where one of this id exists. Returns the stored one.
   * @throws ConflictError `TAG_NAME_EXISTS` where another tag has the name, InvalidInputError
   * `TAG_PREVTAG_NOT_IN_DATASET` where `prevTagId` is of no tag of the dataset.
   */
  create(tag: Tag): Promise<Tag>;
  get(datasetId: ObjectId, tagId: ObjectId): Promise<Tag | undefined>;
  getHeader(datasetId: ObjectId, tagId: ObjectId): Promise<TagHeader | undefined>;
  findByName(datasetId: ObjectId, name: string): Promise<TagHeader | undefined>;
  /** Newest first. Reads what was written last. */
  listHeaders(datasetId: ObjectId): Promise<TagHeader[]>;
  /** Newest first, with masks: holds few of them at a time, however many tags there are. */
  list(datasetId: ObjectId): AsyncIterable<Tag>;
  /**
   * Writes what `change` makes of the stored tag, again and again until nobody else has changed it in between.
   * `change` returns undefined where nothing is to be done; id and name stay. Returns the stored tag, or undefined
   * where there is none.
   */
  update(
    datasetId: ObjectId,
    tagId: ObjectId,
    change: (stored: Tag) => Tag | undefined,
  ): Promise<Tag | undefined>;
  /**
   * Gives the tag another name. Does nothing where it has it already.
   * @throws ConflictError `TAG_NAME_EXISTS` where another tag has it, NotFoundError
   */
  rename(datasetId: ObjectId, tagId: ObjectId, name: string): Promise<void>;
  /**
   * Deletes a tag that is no other tag's `prevTagId`; does nothing where there is none.
   * @throws ConflictError `TAG_UNDELETABLE_NOT_A_LEAF`
   */
  delete(datasetId: ObjectId, tagId: ObjectId): Promise<void>;
}
