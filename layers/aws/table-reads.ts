import { BatchGetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { INDEX_NAME, type SECOND_INDEX_NAME, type TableKey } from '#contracts/table-keys';
import { dynamo, Expression, placeholderFields, render } from './expression.ts';
import type { ItemCodec, StoredItem } from './stored-item.ts';
import { ask, type Table } from './table.ts';
import { untilAllProcessed } from './unprocessed.ts';

/** The most that one BatchGetItem takes. */
const KEYS_PER_BATCH = 100;

/** An index of the table. */
type IndexName = typeof INDEX_NAME | typeof SECOND_INDEX_NAME;

/** A range of one partition, ascending unless `descending`. Bounds are inclusive. */
export interface PartitionRange {
  readonly partition: string;
  readonly from?: string;
  readonly to?: string;
  readonly descending?: boolean;
  /** Items that are read at a time; @default as many as there is room for in an answer. */
  readonly pageSize?: number;
  /** Only these attributes of the items; @default all. */
  readonly attributes?: readonly string[];
}

/** Bounds of the sort keys that begin with `prefix`; the last character there is ends them. */
export const withPrefix = (prefix: string): { from: string; to: string } => ({
  from: prefix,
  to: `${prefix}\u{10ffff}`,
});

/** Pages of a partition of the table, reading what was written last. */
export function readPages(
  table: Table,
  range: PartitionRange,
  filter?: Expression,
): AsyncGenerator<StoredItem[]> {
  const key = rangeCondition(dynamo`#pk = ${range.partition}`, 'sk', range);
  const { attributes, descending = false, pageSize } = range;
  return queryPages(table, {
    key,
    descending,
    ...(filter && { filter }),
    ...(pageSize !== undefined && { pageSize }),
    ...(attributes && { attributes: new Expression([attributes.map((name) => `#${name}`).join(', ')], []) }),
  });
}

/** The keys of a partition of the table, in pages. */
export function readKeyPages(table: Table, partition: string): AsyncGenerator<TableKey[]> {
  return readPages(table, { partition, attributes: ['pk', 'sk'] });
}

/**
 * The items of a partition of an index as the index has them, with keys and nothing else, in pages. Who lists much and
 * shows little reads only what it shows.
 */
export function readIndexEntryPages(
  table: Table,
  range: PartitionRange,
  index: IndexName = INDEX_NAME,
): AsyncGenerator<StoredItem[]> {
  const { descending = false, pageSize } = range;
  return queryPages(table, {
    ...{ key: indexCondition(range, index), index, descending },
    ...(pageSize !== undefined && { pageSize }),
  });
}

/** How many items a partition of the table has. */
export async function countItems(table: Table, partition: string): Promise<number> {
  let count = 0;
  for await (const keys of readKeyPages(table, partition)) count += keys.length;
  return count;
}

/**
 * Pages of a partition of the index. Which items are there may be some moments old, for DynamoDB updates an index
 * behind the table; the items themselves are read from the table and are as they were written last. An item that is
 * gone by now is left out.
 */
export async function* readIndexPages(
  table: Table,
  range: PartitionRange,
  index: IndexName = INDEX_NAME,
): AsyncGenerator<StoredItem[]> {
  for await (const page of readIndexEntryPages(table, range, index)) {
    for (let at = 0; at < page.length; at += KEYS_PER_BATCH) {
      const listed = page.slice(at, at + KEYS_PER_BATCH);
      const found = await getItems(table, listed);
      yield listed.flatMap((item) => found.get(keyText(item)) ?? []);
    }
  }
}

/**
 * How many items a partition of the index lists, counted up to `limit`. No item is read, so what was taken out of the
 * index some moments ago may still count.
 */
export async function countIndexed(table: Table, partition: string, limit: number): Promise<number> {
  const placeholders = { names: {}, values: {} };
  const request = {
    TableName: table.name,
    IndexName: INDEX_NAME,
    Select: 'COUNT' as const,
    KeyConditionExpression: render(dynamo`#gsi1pk = ${partition}`, placeholders),
    ...placeholderFields(placeholders),
  };
  let count = 0;
  let start: Record<string, unknown> | undefined;
  do {
    const next = new QueryCommand({ ...request, ...(start && { ExclusiveStartKey: start }) });
    const page = await ask(table, 'Query', () => table.client.send(next));
    count += page.Count ?? 0;
    start = page.LastEvaluatedKey;
  } while (start && count < limit);
  return Math.min(count, limit);
}

/** The items of pages, one by one. */
export async function* itemsOf<T>(pages: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const page of pages) yield* page;
}

/** The documents of the items of pages, one by one. */
export async function* decodedItems<Document>(
  codec: Pick<ItemCodec<Document>, 'decode'>,
  pages: AsyncIterable<readonly StoredItem[]>,
): AsyncGenerator<Document> {
  for await (const page of pages) for (const item of page) yield codec.decode(item);
}

function indexCondition(range: PartitionRange, index: IndexName): Expression {
  const isInPartition =
    index === INDEX_NAME ? dynamo`#gsi1pk = ${range.partition}` : dynamo`#gsi2pk = ${range.partition}`;
  return rangeCondition(isInPartition, index === INDEX_NAME ? 'gsi1sk' : 'gsi2sk', range);
}

const SORT_KEYS = { sk: dynamo`#sk`, gsi1sk: dynamo`#gsi1sk`, gsi2sk: dynamo`#gsi2sk` };

function rangeCondition(
  partition: Expression,
  sortKey: keyof typeof SORT_KEYS,
  { from, to }: PartitionRange,
): Expression {
  const name = SORT_KEYS[sortKey];
  if (from !== undefined && to !== undefined)
    return dynamo`${partition} AND ${name} BETWEEN ${from} AND ${to}`;
  if (from !== undefined) return dynamo`${partition} AND ${name} >= ${from}`;
  if (to !== undefined) return dynamo`${partition} AND ${name} <= ${to}`;
  return partition;
}

interface PagedQuery {
  readonly key: Expression;
  readonly filter?: Expression;
  readonly attributes?: Expression;
  readonly index?: string;
  readonly descending: boolean;
  readonly pageSize?: number;
}

async function* queryPages(table: Table, query: PagedQuery): AsyncGenerator<StoredItem[]> {
  const placeholders = { names: {}, values: {} };
  const request = {
    TableName: table.name,
    ...(query.index && { IndexName: query.index }),
    // An index can only be read as it happens to be.
    ConsistentRead: query.index === undefined,
    KeyConditionExpression: render(query.key, placeholders),
    ...(query.filter && { FilterExpression: render(query.filter, placeholders) }),
    ...(query.attributes && { ProjectionExpression: render(query.attributes, placeholders) }),
    ...placeholderFields(placeholders),
    ScanIndexForward: !query.descending,
    ...(query.pageSize !== undefined && { Limit: query.pageSize }),
  };
  let start: Record<string, unknown> | undefined;
  do {
    const next = new QueryCommand({ ...request, ...(start && { ExclusiveStartKey: start }) });
    const page = await ask(table, 'Query', () => table.client.send(next));
    yield (page.Items ?? []) as StoredItem[];
    start = page.LastEvaluatedKey;
  } while (start);
}

/** A text for each key, different for different keys. */
export const keyText = ({ pk, sk }: TableKey): string => JSON.stringify([pk, sk]);

/** The items by {@link keyText}, as they were written last; those that don't exist are left out. */
export async function getItems(table: Table, keys: readonly TableKey[]): Promise<Map<string, StoredItem>> {
  const wanted = [...new Map(keys.map(({ pk, sk }) => [keyText({ pk, sk }), { pk, sk }])).values()];
  const found = new Map<string, StoredItem>();
  for (let at = 0; at < wanted.length; at += KEYS_PER_BATCH) {
    await untilAllProcessed(wanted.slice(at, at + KEYS_PER_BATCH), async (batch) => {
      const answer = await getBatch(table, batch);
      for (const item of answer.items) found.set(keyText(item), item);
      return answer.unprocessed;
    });
  }
  return found;
}

async function getBatch(table: Table, Keys: readonly TableKey[]) {
  const request = new BatchGetCommand({
    RequestItems: { [table.name]: { Keys: Keys.map((key) => ({ ...key })), ConsistentRead: true } },
  });
  const answer = await ask(table, 'BatchGetItem', () => table.client.send(request));
  return {
    items: (answer.Responses?.[table.name] ?? []) as StoredItem[],
    unprocessed: (answer.UnprocessedKeys?.[table.name]?.Keys ?? []) as unknown as TableKey[],
  };
}
