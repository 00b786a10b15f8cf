import { byUtf8Bytes } from '#platform/datasources/name-order';
import type { ListedObject } from './object-listing.ts';

/** What a listing shows of a bucket whose listings lag behind. */
export interface ListingLag {
  /** Called before an object is put or deleted. @param before what listings have of it, if anything */
  readonly note: (bucket: string, key: string, before: ListedObject | undefined) => void;
  readonly view: (bucket: string, keys: readonly string[]) => LaggedView;
}

export interface LaggedView {
  readonly keys: readonly string[];
  /** What a listing has of an object that has changed since; undefined where that is what there is now. */
  readonly earlier: (key: string) => ListedObject | undefined;
}

interface Change {
  readonly at: number;
  readonly before: ListedObject | undefined;
}

/** @param lagOf how long (ms) listings of a bucket lag. @param now ms */
export function createListingLag(lagOf: (bucket: string) => number, now: () => number): ListingLag {
  const changes = new Map<string, Map<string, Change[]>>();
  const earlierOf = (bucket: string, key: string, seenUntil: number) =>
    changes
      .get(bucket)
      ?.get(key)
      ?.find(({ at }) => at > seenUntil);
  return {
    note: (bucket, key, before) => {
      if (lagOf(bucket) === 0) return;
      const ofBucket = changes.get(bucket) ?? new Map<string, Change[]>();
      changes.set(bucket, ofBucket);
      ofBucket.set(key, [...(ofBucket.get(key) ?? []), { at: now(), before }]);
    },
    view: (bucket, keys) => {
      const seenUntil = now() - lagOf(bucket);
      const changed = [...(changes.get(bucket)?.keys() ?? [])].filter((key) =>
        earlierOf(bucket, key, seenUntil),
      );
      if (changed.length === 0) return { keys, earlier: () => undefined };
      const shown = new Set(keys);
      for (const key of changed) {
        if (earlierOf(bucket, key, seenUntil)?.before) shown.add(key);
        else shown.delete(key);
      }
      return {
        keys: [...shown].sort(byUtf8Bytes),
        earlier: (key) => earlierOf(bucket, key, seenUntil)?.before,
      };
    },
  };
}
