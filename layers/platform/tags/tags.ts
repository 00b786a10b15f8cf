import type { Tag } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';

/** Tags as they are kept. A bit mask may be large; where it is kept is the store's business. */
export interface TagStore {
  /** Creates the tag, or leaves it as it is where one of this name exists. Returns the stored one. */
  create(tag: Tag): Promise<Tag>;
  /** Lets a tag grow: sets mask, size and time where `totSize` is greater than the stored size. */
  grow(tag: Tag): Promise<void>;
  get(datasetId: ObjectId, name: string): Promise<Tag | undefined>;
  /** Newest first. */
  list(datasetId: ObjectId): Promise<Tag[]>;
}
