/** Fetches the page that begins at an offset. */
export type FetchPage<Page> = (page: {
  readonly pageSize: number;
  readonly pageOffset: number;
}) => Promise<Page>;

const PAGE_SIZE = 5_000;
/** Of mappings and of samples' file names, which are short. */
export const LARGE_PAGE_SIZE = 25_000;
/** Of rows with URLs in them. */
export const EXPORT_PAGE_SIZE = 2_500;

/** The rows of all pages. A page with fewer rows than asked for is the last one. */
export async function* paginate<Row>(
  fetchPage: FetchPage<readonly Row[]>,
  pageSize = PAGE_SIZE,
): AsyncGenerator<Row, void> {
  for (let pageOffset = 0; ; pageOffset += pageSize) {
    const page = await fetchPage({ pageSize, pageOffset });
    yield* page;
    if (page.length < pageSize) return;
  }
}

/**
 * The lines of all pages of text. A line has at least one character and its end, so a page of fewer characters than
 * rows asked for is the last one; so is an empty one.
 */
export async function* paginateLines(
  fetchPage: FetchPage<string>,
  pageSize = PAGE_SIZE,
): AsyncGenerator<string, void> {
  for (let pageOffset = 0; ; pageOffset += pageSize) {
    const page = await fetchPage({ pageSize, pageOffset });
    if (page === '') return;
    yield* page.replace(/\n$/, '').split('\n');
    if (page.length < pageSize) return;
  }
}

/** All that a generator yields, in a list. */
export async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}
