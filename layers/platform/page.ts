/** A page of a list; without `pageSize`, the rest of it. */
export interface PageRequest {
  readonly pageSize?: number;
  /** Rows that come before the page. */
  readonly pageOffset?: number;
}

export async function* pageOf<T>(
  rows: AsyncIterable<T>,
  { pageSize = Number.POSITIVE_INFINITY, pageOffset = 0 }: PageRequest,
): AsyncGenerator<T> {
  if (pageSize <= 0) return;
  let at = 0;
  for await (const row of rows) {
    at += 1;
    if (at > pageOffset) yield row;
    if (at >= pageOffset + pageSize) return;
  }
}
