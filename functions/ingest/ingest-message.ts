import type { Dataset } from '#contracts/items';
import { parseIngestMessage } from '#contracts/object-event';
import { countOutcome } from '#runtime/outcomes';
import { INGEST_OUTCOMES } from './arrival.ts';
import type { IngestDeps } from './ingest-deps.ts';
import { ingestObject } from './ingest-object.ts';

/**
 * Ingests every event of one message, then notes once per dataset that images have arrived.
 *
 * @param delivery `redelivered`: an earlier delivery may have been killed after it claimed the schedule check and
 * before it sent it, so that one is sent in any case; one too many does no harm
 * @throws InvalidInputError where the body is no ingest message
 * @throws RetryableError where a service does not answer; events that were done are recognised next time
 */
export async function ingestMessage(
  body: string,
  deps: IngestDeps,
  delivery: { readonly redelivered: boolean },
): Promise<void> {
  const awaitingRun = new Map<string, Dataset>();
  for (const event of parseIngestMessage(body)) {
    const { outcome, awaitsRun } = await ingestObject(event, deps);
    countOutcome(deps.telemetry, INGEST_OUTCOMES, outcome);
    if (awaitsRun) awaitingRun.set(awaitsRun.id, awaitsRun);
  }
  for (const dataset of awaitingRun.values()) await noteArrival(dataset, deps, delivery);
}

async function noteArrival(
  { id: datasetId, settings }: Dataset,
  deps: IngestDeps,
  { redelivered }: { readonly redelivered: boolean },
): Promise<void> {
  const at = deps.now();
  const { quietPeriodSeconds } = settings.schedule;
  const checkAt = at + quietPeriodSeconds * 1000;
  const { checkClaimed } = await deps.intake.noteArrival({
    ...{ datasetId, at, checkAt },
    scheduledId: deps.newId(),
  });
  if (checkClaimed || redelivered) {
    await deps.scheduleQueue.send({ datasetId }, { delaySeconds: quietPeriodSeconds });
  }
}
