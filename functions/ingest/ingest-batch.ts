import type { Dataset } from '#contracts/items';
import type { BatchWork } from '#runtime/sqs-stage';
import type { IngestDeps } from './ingest-deps.ts';
import { ingestMessage } from './ingest-message.ts';
import { noteArrival } from './note-arrival.ts';

/**
 * The work of one batch: ingests its messages, then notes once per dataset that images have arrived. A process that
 * dies in between gets all of its messages again and finds the images waiting.
 */
export function ingestBatch(deps: IngestDeps): BatchWork {
  const awaitingRun = new Map<string, Dataset>();
  let redelivered = false;
  return {
    consume: async (body, { receiveCount }) => {
      redelivered ||= receiveCount > 1;
      for (const dataset of await ingestMessage(body, deps)) awaitingRun.set(dataset.id, dataset);
    },
    finish: async () => {
      for (const dataset of awaitingRun.values()) await noteArrival(dataset, deps, { redelivered });
    },
  };
}
