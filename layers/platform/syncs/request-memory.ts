/** What was asked for lately. */
export interface RequestMemory {
  /** True where this state of an object has not been asked for lately. */
  isNew(key: string, eTag: string): boolean;
  /** It has been asked for: to be told only once it has, for what failed has to be asked for again. */
  note(key: string, eTag: string): void;
}

/**
 * Remembers what was asked for, so that a backlog of the ingest queue does not grow by the same requests with every
 * listing, and an object that ingest fails on does not fill the DLQ. A new process begins anew, which costs work and
 * changes nothing.
 *
 * @param forMs after this long the same may be asked for again
 * @param most number of requests remembered; where it is reached, all are forgotten
 */
export function requestMemory(
  { forMs, most }: { readonly forMs: number; readonly most: number },
  now: () => number,
): RequestMemory {
  const requestedAt = new Map<string, number>();
  const requestOf = (key: string, eTag: string) => JSON.stringify([key, eTag]);
  return {
    isNew: (key, eTag) => {
      const earlier = requestedAt.get(requestOf(key, eTag));
      return earlier === undefined || now() - earlier >= forMs;
    },
    note: (key, eTag) => {
      if (requestedAt.size >= most) requestedAt.clear();
      requestedAt.set(requestOf(key, eTag), now());
    },
  };
}
