import { z } from 'zod';
import { inAllShards } from '#contracts/dataset-partitions';
import { WinnowError } from '#contracts/errors';
import type { ObjectId } from '#contracts/schema';
import { rawSamplesPartition } from '#contracts/table-keys';
import { byUtf8Bytes, type NameRange } from '#platform/datasources/name-order';
import type { KnownObject } from '#platform/samples/raw-samples';
import type { Table } from './table.ts';
import { itemsOf, readPages } from './table-reads.ts';

/** Facts are most of a raw sample, and nobody compares them. */
const ATTRIBUTES = [
  'sk',
  'state',
  'bucket',
  'key',
  'eTag',
  'sequencer',
  'registeredAt',
  'rejection',
] as const;
const projected = z
  .object({
    sk: z.string(),
    state: z.enum(['registered', 'archived', 'rejected', 'deleted']),
    bucket: z.string(),
    key: z.string(),
    eTag: z.string(),
    sequencer: z.string(),
    registeredAt: z.number(),
    rejection: z.object({ code: z.string() }).exactOptional(),
  })
  .transform(
    ({ sk: fileName, rejection, ...known }): KnownObject => ({
      ...{ ...known, fileName },
      ...(rejection && { rejectedAs: rejection.code }),
      isArchived: known.state === 'archived' || rejection?.code === 'ARCHIVED',
    }),
  );

/** The raw samples of a range of names, in the order of names: the shards are read side by side. */
export async function* listRawSampleRange(
  table: Table,
  datasetId: ObjectId,
  range: NameRange,
): AsyncGenerator<KnownObject> {
  const shards = inAllShards(rawSamplesPartition, datasetId).map((partition) =>
    shardRange(table, partition, range),
  );
  const heads: (KnownObject | undefined)[] = await Promise.all(shards.map(nextOf));
  for (;;) {
    const first = indexOfFirst(heads);
    const found = first === undefined ? undefined : heads[first];
    const shard = first === undefined ? undefined : shards[first];
    if (first === undefined || !found || !shard) return;
    yield found;
    heads[first] = await nextOf(shard);
  }
}

async function nextOf(shard: AsyncGenerator<KnownObject>): Promise<KnownObject | undefined> {
  const { done, value } = await shard.next();
  return done ? undefined : value;
}

function indexOfFirst(heads: readonly (KnownObject | undefined)[]): number | undefined {
  let first: number | undefined;
  for (const [index, head] of heads.entries()) {
    const least = first === undefined ? undefined : heads[first];
    if (head && (!least || byUtf8Bytes(head.fileName, least.fileName) < 0)) first = index;
  }
  return first;
}

async function* shardRange(
  table: Table,
  partition: string,
  { after = '', until }: NameRange,
): AsyncGenerator<KnownObject> {
  const pages = readPages(table, {
    partition,
    ...(after !== '' && { from: after }),
    ...(until !== undefined && { to: until }),
    attributes: ATTRIBUTES,
  });
  for await (const item of itemsOf(pages)) {
    // The bounds of a query are both part of it.
    if (item.sk !== after) yield decoded(item);
  }
}

function decoded(item: object): KnownObject {
  const { success, data, error } = projected.safeParse(item);
  if (success) return data;
  throw new WinnowError('UNREADABLE_ITEM', `A raw sample can't be read: ${error.message}`, { cause: error });
}
