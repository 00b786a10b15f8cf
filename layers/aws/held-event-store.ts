import { inAllShards } from '#contracts/dataset-partitions';
import { heldEventKey, heldEventsPartition } from '#contracts/datasource-keys';
import { type HeldEvent, heldEvent } from '#contracts/held-events';
import type { HeldEventStore } from '#platform/datasources/input/held-events';
import { dynamo } from './expression.ts';
import { interleave } from './interleave.ts';
import { itemCodec } from './stored-item.ts';
import { deleteItemIf, putItemIf, type Table } from './table.ts';
import { countItems, decodedItems, readPages } from './table-reads.ts';

const codec = itemCodec<HeldEvent>('held event', heldEvent);
const CONCURRENT_SHARDS = 4;

/** Held events in the table, spread over shards as the raw samples are. */
export function heldEventStore(table: Table): HeldEventStore {
  return {
    hold: async (held) => {
      const { order, bucket, key } = held.event;
      const isElsewhere = dynamo`#event.#bucket <> ${bucket} OR #event.#key <> ${key}`;
      // The same one is held anew: whoever is just sending what was held must not take that away.
      const isNewer =
        order.by === 'sequencer'
          ? dynamo`attribute_not_exists(#pk) OR #event.#order.#by = ${'observation'} OR #event.#order.#sequencer <= ${order.sequencer} OR ${isElsewhere}`
          : dynamo`attribute_not_exists(#pk) OR #event.#order.#by = ${'observation'} OR ${isElsewhere}`;
      await putItemIf(table, codec.encode(held, heldEventKey(held.datasetId, held.fileName)), isNewer);
    },
    list: (datasetId) =>
      decodedItems(
        codec,
        interleave(
          inAllShards(heldEventsPartition, datasetId).map(
            (partition) => () => readPages(table, { partition }),
          ),
          CONCURRENT_SHARDS,
        ),
      ),
    release: async ({ datasetId, fileName, heldAt }) => {
      await deleteItemIf(table, heldEventKey(datasetId, fileName), dynamo`#heldAt = ${heldAt}`);
    },
    count: async (datasetId, limit) => {
      let count = 0;
      for (const partition of inAllShards(heldEventsPartition, datasetId)) {
        if (count >= limit) break;
        count += await countItems(table, partition);
      }
      return Math.min(count, limit);
    },
  };
}
