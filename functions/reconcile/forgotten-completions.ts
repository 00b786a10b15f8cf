import type { Dataset } from '#contracts/items';
import type { ReconcileDeps } from './reconcile-deps.ts';

/** The completion message of a run that ended this recently (ms) is under way. */
const MESSAGE_UNDER_WAY_MS = 60_000;
/** Newest first; with a round every few minutes, a forgotten run is never further down than this. */
const RUNS_LOOKED_AT = 100;

/**
 * Runs that are COMPLETED and were not fanned out to exports and archive. Those of other workers never are.
 * @returns number of completion messages sent
 */
export async function repairForgottenCompletions(dataset: Dataset, deps: ReconcileDeps): Promise<number> {
  const { id: datasetId } = dataset;
  const endedBefore = deps.now() - MESSAGE_UNDER_WAY_MS;
  let lookedAt = 0;
  let sent = 0;
  for await (const run of deps.runs.list(datasetId)) {
    const { id: runId, state, fannedOutAt, lastModifiedAt } = run;
    const isForgotten = state === 'COMPLETED' && fannedOutAt === undefined && !run.isExternal;
    if (isForgotten && lastModifiedAt < endedBefore) {
      await deps.completeQueue.send({ datasetId, runId });
      deps.telemetry.log('warn', 'Completion was forgotten', { datasetId, runId });
      sent += 1;
    }
    lookedAt += 1;
    if (lookedAt === RUNS_LOOKED_AT) break;
  }
  return sent;
}
