import { sampleKey, unavailableSamplesIndexKey, unavailableSamplesPartition } from '#contracts/table-keys';
import type { Availability, SampleAvailability } from '#platform/samples/sample-availability';
import { anyOf, dynamo, type Expression } from './expression.ts';
import { sampleCodec } from './sample-codec.ts';
import { sampleNames } from './sample-names.ts';
import { type Table, updateItemIf } from './table.ts';
import { countIndexed, decodedItems, itemsOf, readIndexEntryPages, readIndexPages } from './table-reads.ts';

/** Among states of one place the order of the registry holds; of two places, what was registered later. */
const isNewer = ({ order, place, since }: Availability): Expression =>
  anyOf([
    dynamo`attribute_not_exists(#availability)`,
    dynamo`#availability.#place = ${place} AND #availability.#order < ${order}`,
    dynamo`#availability.#place <> ${place} AND #availability.#since <= ${since}`,
  ]);

/** Which samples have lost their image, in the table: only these are in the index. */
export function sampleAvailability(table: Table): SampleAvailability {
  const { nameOf } = sampleNames(table);
  const rangeOf = (datasetId: string) => ({ partition: unavailableSamplesPartition(datasetId) });
  return {
    markAvailability: async (datasetId, fileName, availability) => {
      const name = await nameOf(datasetId, fileName);
      if (!name) return false;
      const { gsi1pk, gsi1sk } = unavailableSamplesIndexKey(datasetId, name.index);
      const index = availability.isAvailable
        ? dynamo` REMOVE #gsi1pk, #gsi1sk`
        : dynamo`, #gsi1pk = ${gsi1pk}, #gsi1sk = ${gsi1sk}`;
      const marked = await updateItemIf(
        table,
        sampleKey(datasetId, name.index),
        dynamo`SET #availability = ${availability}${index}`,
        // A name may lead to a sample that is called otherwise by now.
        dynamo`(#fileName = ${fileName} OR #renamingTo = ${fileName}) AND (${isNewer(availability)})`,
      );
      return marked !== undefined;
    },
    countUnavailable: (datasetId) =>
      countIndexed(table, unavailableSamplesPartition(datasetId), Number.POSITIVE_INFINITY),
    unavailableIndexes: async function* (datasetId) {
      const entries = itemsOf(readIndexEntryPages(table, rangeOf(datasetId)));
      for await (const { gsi1sk } of entries) yield Number(gsi1sk);
    },
    listUnavailable: async function* (datasetId) {
      const samples = decodedItems(sampleCodec, readIndexPages(table, rangeOf(datasetId)));
      for await (const { index, fileName, availability } of samples) {
        if (availability?.isAvailable === false) yield { index, fileName, since: availability.since };
      }
    },
  };
}
