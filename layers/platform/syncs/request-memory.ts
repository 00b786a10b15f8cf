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
