/**
 * How often things are done by a process that lives for many rounds. A new process begins anew, which costs work
 * and changes nothing.
 */

/** True on the first call and then whenever `everyMs` have passed since it was last true. */
export function dueEvery(everyMs: number, now: () => number): () => boolean {
  let lastDueAt: number | undefined;
  return () => {
    const at = now();
    if (lastDueAt !== undefined && at - lastDueAt < everyMs) return false;
    lastDueAt = at;
    return true;
  };
}

/**
 * Remembers what was asked for, so that a backlog of the ingest queue does not grow by the same requests in every
 * round, and an object that ingest fails on does not fill the DLQ.
 *
 * @param forMs after this long the same may be asked for again
 * @param most number of requests remembered; where it is reached, all are forgotten
 */
export function requestMemory(
  { forMs, most }: { readonly forMs: number; readonly most: number },
  now: () => number,
): (key: string, eTag: string) => boolean {
  const requestedAt = new Map<string, number>();
  return (key, eTag) => {
    const request = JSON.stringify([key, eTag]);
    const earlier = requestedAt.get(request);
    if (earlier !== undefined && now() - earlier < forMs) return false;
    if (requestedAt.size >= most) requestedAt.clear();
    requestedAt.set(request, now());
    return true;
  };
}
