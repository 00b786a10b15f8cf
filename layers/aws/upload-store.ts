import { type Upload, upload } from '#contracts/run-files';
import { runKey, UPLOAD_SORT_PREFIX, uploadKey } from '#contracts/table-keys';
import type { UploadStore } from '#platform/runs/run-files';
import { dynamo } from './expression.ts';
import { itemCodec } from './stored-item.ts';
import { getItem, putItemIf, type Table, updateItemIf } from './table.ts';
import { decodedItems, readPages, withPrefix } from './table-reads.ts';

const codec = itemCodec<Upload>('artifact', upload);
const isUnconfirmed = dynamo`attribute_not_exists(#confirmedAt)`;

/** Uploaded artifacts in the table, in the partition of their run, by file name. */
export function uploadStore(table: Table): UploadStore {
  return {
    create: async (created) => {
      const key = uploadKey(created.runId, created.fileName);
      if (await putItemIf(table, codec.encode(created, key), isUnconfirmed)) return created;
      const item = await getItem(table, key);
      return item ? codec.decode(item) : created;
    },
    list: async (runId) => {
      const range = { partition: runKey(runId).pk, ...withPrefix(UPLOAD_SORT_PREFIX) };
      return Array.fromAsync(decodedItems(codec, readPages(table, range)));
    },
    confirm: async ({ runId, fileName }, at) => {
      const confirmation = dynamo`SET #confirmedAt = ${at}`;
      const isThere = dynamo`attribute_exists(#pk) AND ${isUnconfirmed}`;
      await updateItemIf(table, uploadKey(runId, fileName), confirmation, isThere);
    },
  };
}
