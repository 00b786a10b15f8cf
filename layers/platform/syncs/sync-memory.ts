import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { type ZodType, z } from 'zod';
import type { Dataset } from '#contracts/items';
import { syncMemoryKey } from '#contracts/s3-keys';
import type { ObjectId } from '#contracts/schema';
import { type RegistryCounts, registryCounts } from '#contracts/syncs';
import type { Datasource } from '../datasources/datasources.ts';
import type { WritableObjectStore } from '../objects/objects.ts';
import type { NewestObject } from './newest-objects.ts';
import { placeDigestOf } from './place-digest.ts';

/*
 * What syncs remember beside their item: three objects of the dataset's folder in the platform bucket. Each of them may
 * be missing, or be of another place; then there is more to look up, and nothing else.
 */

const range = z.strictObject({ after: z.string().exactOptional(), until: z.string().exactOptional() });
const newestObject = z.strictObject({
  name: z.string(),
  size: z.number(),
  lastModified: z.number(),
  isArchived: z.literal(true).exactOptional(),
});

/** A chunk that was in order, and what the registry has of it. */
const chunkInOrder = z.strictObject({ digest: z.string(), ...registryCounts.shape });

/** What the last complete compare has found in order. */
const knownChunks = z.strictObject({
  placeDigest: z.string(),
  /** How the listing was divided: other ranges would have other chunks at their ends. */
  ranges: z.array(range),
  chunks: z.array(chunkInOrder),
});
export type KnownChunks = z.infer<typeof knownChunks>;

/** What the sync that is under way has found so far. */
const foundSoFar = z.strictObject({
  syncId: z.string(),
  chunks: z.array(chunkInOrder),
  newest: z.array(newestObject),
});
export type FoundSoFar = z.infer<typeof foundSoFar>;

const newestObjectsOf = z.strictObject({
  placeDigest: z.string(),
  /** When the listing began (ms). */
  listedAt: z.number(),
  objects: z.array(newestObject),
});
export type NewestObjects = z.infer<typeof newestObjectsOf>;

/** What the registry has of each chunk, by its digest. */
export type RegistryOfChunks = ReadonlyMap<string, RegistryCounts>;

export const chunksInOrder = (found: RegistryOfChunks): KnownChunks['chunks'] =>
  [...found].map(([digest, registry]) => ({ digest, ...registry }));

/** The opposite of {@link chunksInOrder}. */
export const registryOfChunks = (chunks: KnownChunks['chunks'] = []): Map<string, RegistryCounts> =>
  new Map(chunks.map(({ digest, ...registry }) => [digest, registry]));

export interface SyncMemoryDeps {
  readonly objects: Pick<WritableObjectStore, 'open' | 'put'>;
  readonly platformBucket: string;
}

export interface SyncMemory {
  known(datasetId: ObjectId): Promise<KnownChunks | undefined>;
  /** Writes nothing where it is `before`. */
  keepKnown(datasetId: ObjectId, known: KnownChunks, before: KnownChunks | undefined): Promise<void>;
  foundSoFar(datasetId: ObjectId, syncId: ObjectId): Promise<FoundSoFar | undefined>;
  keepFoundSoFar(datasetId: ObjectId, found: FoundSoFar): Promise<void>;
  newest(datasetId: ObjectId): Promise<NewestObjects | undefined>;
  /** Writes nothing where the same are kept. */
  keepNewest(datasetId: ObjectId, newest: NewestObjects): Promise<void>;
}

export function syncMemory({ objects, platformBucket }: SyncMemoryDeps): SyncMemory {
  const reference = (datasetId: ObjectId, name: Parameters<typeof syncMemoryKey>[1]) => ({
    bucket: platformBucket,
    key: syncMemoryKey(datasetId, name),
  });
  const read = async <T>(schema: ZodType<T>, ...of: Parameters<typeof reference>) => {
    const found = await objects.open(reference(...of));
    return found && parsed(schema, Buffer.concat(await found.body.toArray()));
  };
  const write = async (value: unknown, ...of: Parameters<typeof reference>) => {
    const body = await promisify(gzip)(JSON.stringify(value), { level: 1 });
    await objects.put(reference(...of), body, { contentType: 'application/gzip' });
  };
  const newest: SyncMemory['newest'] = (datasetId) => read(newestObjectsOf, datasetId, 'newest');
  return {
    known: (datasetId) => read(knownChunks, datasetId, 'known'),
    keepKnown: async (datasetId, known, before) => {
      if (!before || digestOf(known) !== digestOf(before)) await write(known, datasetId, 'known');
    },
    foundSoFar: async (datasetId, syncId) => {
      const found = await read(foundSoFar, datasetId, 'under-way');
      return found?.syncId === syncId ? found : undefined;
    },
    keepFoundSoFar: (datasetId, found) => write(found, datasetId, 'under-way'),
    newest,
    keepNewest: async (datasetId, { placeDigest, listedAt, objects: kept }) => {
      const before = await newest(datasetId);
      const isSame =
        before?.placeDigest === placeDigest && JSON.stringify(before.objects) === JSON.stringify(kept);
      if (!isSame) await write({ placeDigest, listedAt, objects: kept }, datasetId, 'newest');
    },
  };
}

/**
 * The 1,000 objects that were modified last, images or not, as the last complete compare has listed them.
 * @param datasource INPUT of the dataset, as it is now
 * @returns undefined where that place was not listed completely yet
 */
export async function newestObjects(
  { id }: Pick<Dataset, 'id'>,
  datasource: Datasource,
  deps: SyncMemoryDeps,
): Promise<{ readonly listedAt: number; readonly objects: readonly NewestObject[] } | undefined> {
  const found = await syncMemory(deps).newest(id);
  return found?.placeDigest === placeDigestOf(datasource) ? found : undefined;
}

/** What can't be read any more is as if it had never been. */
async function parsed<T>(schema: ZodType<T>, bytes: Buffer): Promise<T | undefined> {
  try {
    const text = (await promisify(gunzip)(bytes)).toString();
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

const digestOf = ({ placeDigest, ranges, chunks }: KnownChunks): string =>
  createHash('sha256')
    .update(JSON.stringify([placeDigest, ranges, chunks.map((chunk) => JSON.stringify(chunk)).toSorted()]))
    .digest('hex');
