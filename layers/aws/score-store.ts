import { buffer } from 'node:stream/consumers';
import { RetryableError } from '#contracts/errors';
import { scoresObjectKey } from '#contracts/s3-keys';
import { type Scores, scores } from '#contracts/scores';
import {
  scoresKey,
  scoresPartition,
  TASK_SCORES_SORT_PREFIX,
  tagScoresSortPrefix,
} from '#contracts/table-keys';
import type { WritableObjectStore } from '#platform/objects/objects';
import { kindOf, type ScoreStore, type ScoresKind } from '#platform/scores/scores';
import { itemCodec } from './stored-item.ts';
import { getItem, putItem, type Table } from './table.ts';
import { decodedItems, readPages, withPrefix } from './table-reads.ts';

const codec = itemCodec<Scores>('scores', scores);
const BYTES_PER_VALUE = Float64Array.BYTES_PER_ELEMENT;

/** Scores in the table; their numbers are objects in the platform bucket. */
export function scoreStore(table: Table, objects: WritableObjectStore, platformBucket: string): ScoreStore {
  return {
    put: async (header, values) => {
      const { id, datasetId, owner } = header;
      const key = scoresObjectKey(datasetId, id);
      const options = { contentType: 'application/octet-stream' };
      // The object comes first: what an item names is always there.
      await objects.put({ bucket: platformBucket, key }, toBytes(values), options);
      const written = { ...header, key, count: values.length };
      await putItem(table, codec.encode(written, scoresKey(datasetId, sortPrefix(kindOf(owner)), id)));
    },
    get: async (datasetId, kind, scoreId) => {
      const item = await getItem(table, scoresKey(datasetId, sortPrefix(kind), scoreId));
      return item && codec.decode(item);
    },
    list: (datasetId, kind) => {
      const range = { partition: scoresPartition(datasetId), ...withPrefix(sortPrefix(kind)) };
      return decodedItems(codec, readPages(table, range));
    },
    read: async ({ id, key }) => {
      const object = await objects.open({ bucket: platformBucket, key });
      if (!object) throw new RetryableError('SCORES_MISSING', `The numbers of scores '${id}' are not there.`);
      return fromBytes(await buffer(object.body));
    },
  };
}

const sortPrefix = (kind: ScoresKind): string =>
  kind === 'tasks' ? TASK_SCORES_SORT_PREFIX : tagScoresSortPrefix(kind.tagId);

function toBytes(values: Float64Array): Buffer {
  const bytes = Buffer.alloc(values.length * BYTES_PER_VALUE);
  values.forEach((value, at) => {
    bytes.writeDoubleLE(value, at * BYTES_PER_VALUE);
  });
  return bytes;
}

const fromBytes = (bytes: Buffer): Float64Array =>
  Float64Array.from({ length: Math.floor(bytes.length / BYTES_PER_VALUE) }, (_, at) =>
    bytes.readDoubleLE(at * BYTES_PER_VALUE),
  );
