import { type SampleName, sampleName } from '#contracts/samples';
import { sampleNameKey } from '#contracts/table-keys';
import type { SampleClaims, SampleStore } from '#platform/samples/samples';
import { dynamo } from './expression.ts';
import { itemCodec } from './stored-item.ts';
import { getItem, putItemIf, putItemIfAbsent, type Table } from './table.ts';
import { putItems } from './table-batches.ts';

const codec = itemCodec<SampleName>('sample name', sampleName);

const encoded = (name: SampleName) => codec.encode(name, sampleNameKey(name.datasetId, name.fileName));

/** Names of samples in the table, spread over shards: which sample has a name is one read. */
export function sampleNames(table: Table): Pick<SampleStore, 'nameOf'> & Pick<SampleClaims, 'claimName'> {
  return {
    nameOf: async (datasetId, fileName) => {
      const item = await getItem(table, sampleNameKey(datasetId, fileName));
      return item && codec.decode(item);
    },
    claimName: (name, seen) =>
      seen === undefined
        ? putItemIfAbsent(table, encoded(name))
        : putItemIf(table, encoded(name), dynamo`#claim = ${seen.claim}`),
  };
}

/** Writes names, whatever was there. */
export const putNames = (table: Table, names: readonly SampleName[]): Promise<void> =>
  putItems(table, names.map(encoded));
