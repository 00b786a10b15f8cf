import { type Sample, sample } from '#contracts/samples';
import { sampleKey, sampleSortKey, samplesPartition } from '#contracts/table-keys';
import type { SampleStore } from '#platform/samples/samples';
import { itemCodec } from './stored-item.ts';
import type { Table } from './table.ts';
import { putItems } from './table-batches.ts';
import { itemsOf, readPages } from './table-reads.ts';

const codec = itemCodec<Sample>('sample', sample);

/** Samples in the table. The index is the key, so a range of indexes is a range of keys. */
export function sampleStore(table: Table): SampleStore {
  return {
    put: async (samples) =>
      putItems(
        table,
        samples.map((member) => codec.encode(member, sampleKey(member.datasetId, member.index))),
      ),
    range: async function* (datasetId, from, to) {
      if (to <= from) return;
      const range = {
        partition: samplesPartition(datasetId),
        from: sampleSortKey(from),
        to: sampleSortKey(to - 1),
      };
      for await (const item of itemsOf(readPages(table, range))) yield codec.decode(item);
    },
  };
}
