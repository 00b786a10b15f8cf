import type { Dataset } from '#contracts/items';
import { parseIngestMessage } from '#contracts/object-event';
import { countOutcome } from '#runtime/outcomes';
import { INGEST_OUTCOMES } from './arrival.ts';
import type { IngestDeps } from './ingest-deps.ts';
import { ingestObject } from './ingest-object.ts';

/**
 * Ingests every event of one message.
 *
 * @returns the datasets that have images which no run has read
 * @throws InvalidInputError where the body is no ingest message
 * @throws RetryableError where a service does not answer; events that were done are recognised next time
 */
export async function ingestMessage(body: string, deps: IngestDeps): Promise<Dataset[]> {
  const awaitingRun: Dataset[] = [];
  for (const event of parseIngestMessage(body)) {
    const result = await ingestObject(event, deps);
    if (result) countOutcome(deps.telemetry, INGEST_OUTCOMES, result.outcome);
    if (result?.awaitsRun) awaitingRun.push(result.awaitsRun);
  }
  return awaitingRun;
}
