import { WORKERS_PARTITION, workerKey } from '#contracts/table-keys';
import { type Worker, worker } from '#contracts/workers';
import type { WorkerStore } from '#platform/workers/workers';
import { dynamo } from './expression.ts';
import { itemCodec } from './stored-item.ts';
import { deleteItemIf, getItem, putItemIfAbsent, type Table, updateItemIf } from './table.ts';
import { decodedItems, readPages } from './table-reads.ts';

const codec = itemCodec<Worker>('worker', worker);
const exists = dynamo`attribute_exists(#pk)`;

/** Workers in the table, in one partition: a team has few of them. */
export function workerStore(table: Table): WorkerStore {
  const get: WorkerStore['get'] = async (workerId) => {
    const item = await getItem(table, workerKey(workerId));
    return item && codec.decode(item);
  };
  return {
    create: async (created) => {
      await putItemIfAbsent(table, codec.encode(created, workerKey(created.id)));
    },
    get,
    list: async () => {
      const pages = readPages(table, { partition: WORKERS_PARTITION });
      const workers = await Array.fromAsync(decodedItems(codec, pages));
      return workers.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
    },
    relabel: async (workerId, labels, at) => {
      const change = dynamo`SET #labels = ${[...labels]}, #lastModifiedAt = ${at}`;
      await updateItemIf(table, workerKey(workerId), change, exists);
    },
    update: async (workerId, { state, dockerVersion }, at) => {
      const version = dockerVersion === undefined ? dynamo`` : dynamo`, #dockerVersion = ${dockerVersion}`;
      const change = dynamo`SET #state = ${state}, #lastModifiedAt = ${at}, #lastSeenAt = ${at}${version}`;
      const updated = await updateItemIf(table, workerKey(workerId), change, exists);
      return updated !== undefined;
    },
    noteSign: async (workerId, at) => {
      await updateItemIf(table, workerKey(workerId), dynamo`SET #lastSeenAt = ${at}`, exists);
    },
    delete: (workerId) => deleteItemIf(table, workerKey(workerId), exists),
  };
}
