import { json } from 'node:stream/consumers';
import {
  type Coordinates2d,
  coordinates2d,
  type Embedding,
  type Embedding2d,
  embedding,
  embedding2d,
} from '#contracts/embeddings';
import { RetryableError } from '#contracts/errors';
import { embedding2dObjectKey, embeddingPrefix } from '#contracts/s3-keys';
import { parseWith } from '#contracts/schema';
import {
  embedding2dKey,
  embedding2dSortPrefix,
  embeddingKey,
  embeddings2dPartition,
  embeddingsPartition,
} from '#contracts/table-keys';
import type { EmbeddingStore } from '#platform/embeddings/embeddings';
import type { WritableObjectStore } from '#platform/objects/objects';
import { dynamo } from './expression.ts';
import { itemCodec } from './stored-item.ts';
import { deleteItemIf, getItem, putItem, putItemIfAbsent, type Table, updateItemIf } from './table.ts';
import { decodedItems, readPages, withPrefix } from './table-reads.ts';

const codec = itemCodec<Embedding>('embedding', embedding);
const codec2d = itemCodec<Embedding2d>('2d embedding', embedding2d);
/** The most that one request deletes. */
const KEYS_PER_DELETION = 1_000;

interface Stored {
  readonly table: Table;
  readonly objects: WritableObjectStore;
  readonly bucket: string;
}

/** Embeddings in the table; their files and coordinates are objects in the platform bucket. */
export function embeddingStore(
  table: Table,
  objects: WritableObjectStore,
  platformBucket: string,
): EmbeddingStore {
  const stored = { table, objects, bucket: platformBucket };
  const get: EmbeddingStore['get'] = async (datasetId, embeddingId) => {
    const item = await getItem(table, embeddingKey(datasetId, embeddingId));
    return item && codec.decode(item);
  };
  return {
    get,
    create: async (created) => {
      const { datasetId, id } = created;
      if (await putItemIfAbsent(table, codec.encode(created, embeddingKey(datasetId, id)))) return created;
      return (await get(datasetId, id)) ?? created;
    },
    list: (datasetId) => {
      const range = { partition: embeddingsPartition(datasetId) };
      return decodedItems(codec, readPages(table, range));
    },
    noteChecked: async ({ datasetId, id, source: { uploadKey } }, checked) => {
      const note = dynamo`SET #source.#checked = ${checked}`;
      // An embedding of the same name that was created again has another upload.
      const isUnchecked = dynamo`#source.#uploadKey = ${uploadKey} AND attribute_not_exists(#source.#checked)`;
      const item = await updateItemIf(table, embeddingKey(datasetId, id), note, isUnchecked);
      return item ? codec.decode(item) : get(datasetId, id);
    },
    delete: (deleted) => deleteEmbedding(stored, deleted),
    ...pictures(stored),
  };
}

/** The item goes last: what is left of an interrupted deletion can still be found. */
async function deleteEmbedding(stored: Stored, { datasetId, id }: Embedding): Promise<void> {
  const { table, objects, bucket } = stored;
  const gone = dynamo`attribute_exists(#pk)`;
  for await (const { id: id2d } of pictures(stored).list2d(datasetId, id)) {
    await deleteItemIf(table, embedding2dKey(datasetId, id, id2d), gone);
  }
  let keys: string[] = [];
  for await (const { key } of objects.list(bucket, embeddingPrefix(datasetId, id))) {
    keys.push(key);
    if (keys.length < KEYS_PER_DELETION) continue;
    await objects.delete(bucket, keys);
    keys = [];
  }
  if (keys.length > 0) await objects.delete(bucket, keys);
  await deleteItemIf(table, embeddingKey(datasetId, id), gone);
}

function pictures({
  table,
  objects,
  bucket,
}: Stored): Pick<EmbeddingStore, 'put2d' | 'get2d' | 'list2d' | 'readCoordinates'> {
  return {
    put2d: async (header, coordinates) => {
      const { datasetId, embeddingId, id } = header;
      const key = embedding2dObjectKey(datasetId, embeddingId, id);
      // The object comes first: what an item names is always there.
      await objects.put({ bucket, key }, JSON.stringify(coordinates), { contentType: 'application/json' });
      await putItem(table, codec2d.encode({ ...header, key }, embedding2dKey(datasetId, embeddingId, id)));
    },
    get2d: async (datasetId, embeddingId, id) => {
      const item = await getItem(table, embedding2dKey(datasetId, embeddingId, id));
      return item && codec2d.decode(item);
    },
    list2d: (datasetId, embeddingId) => {
      const within = embeddingId === undefined ? {} : withPrefix(embedding2dSortPrefix(embeddingId));
      const range = { partition: embeddings2dPartition(datasetId), ...within };
      return decodedItems(codec2d, readPages(table, range));
    },
    readCoordinates: async ({ id, key }): Promise<Coordinates2d> => {
      const object = await objects.open({ bucket, key });
      if (!object)
        throw new RetryableError('COORDINATES_MISSING', `2d embedding '${id}' has no coordinates.`);
      return parseWith(coordinates2d, await json(object.body), 'The coordinates of a 2d embedding');
    },
  };
}
