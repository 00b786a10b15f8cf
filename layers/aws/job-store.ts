import { type Job, job } from '#contracts/jobs';
import { jobKey, jobsIndexKey, jobsPartition } from '#contracts/table-keys';
import type { JobStore } from '#platform/jobs/jobs';
import { dynamo } from './expression.ts';
import { itemCodec } from './stored-item.ts';
import { getItem, putItemIfAbsent, type Table, updateItemIf } from './table.ts';
import { decodedItems, readIndexPages } from './table-reads.ts';

const codec = itemCodec<Job>('job', job);

const isWaiting = dynamo`#state = ${'WAITING'}`;
const isUnfinished = dynamo`#state = ${'WAITING'} OR #state = ${'RUNNING'}`;

/** Jobs in the table. */
export function jobStore(table: Table): JobStore {
  return {
    create: async (created) => {
      const { id, userId } = created;
      await putItemIfAbsent(table, codec.encode(created, { ...jobKey(id), ...jobsIndexKey(userId, id) }));
    },
    get: async (jobId) => {
      const item = await getItem(table, jobKey(jobId));
      return item && codec.decode(item);
    },
    listForUser: (userId) => {
      const range = { partition: jobsPartition(userId), descending: true };
      return decodedItems(codec, readIndexPages(table, range));
    },
    start: async (jobId, at) => {
      const start = dynamo`SET #state = ${'RUNNING'}, #lastModifiedAt = ${at}`;
      await updateItemIf(table, jobKey(jobId), start, isWaiting);
    },
    finish: async (jobId, result, at) => {
      const end = dynamo`SET #state = ${'FINISHED'}, #result = ${result}, #lastModifiedAt = ${at}, #finishedAt = ${at}`;
      await updateItemIf(table, jobKey(jobId), end, isUnfinished);
    },
    fail: async (jobId, error, at) => {
      const end = dynamo`SET #state = ${'FAILED'}, #error = ${error}, #lastModifiedAt = ${at}, #finishedAt = ${at}`;
      await updateItemIf(table, jobKey(jobId), end, isUnfinished);
    },
  };
}
