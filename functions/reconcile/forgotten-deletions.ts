import { LATE_WRITES_MS, startDeletion } from '#platform/datasets/delete-dataset';
import type { ReconcileDeps } from './reconcile-deps.ts';
import { type Round, timeIsUp } from './round.ts';

/** The second look of a deletion comes after its late writes; by then (ms) a deletion is done, or was forgotten. */
const FORGOTTEN_AFTER_MS = LATE_WRITES_MS + 40 * 60_000;

/**
 * Datasets whose deletion was stopped between its mark and its job, or whose job's message was lost.
 * @returns number of deletions that were reminded
 */
export async function repairForgottenDeletions(round: Round, deps: ReconcileDeps): Promise<number> {
  const deletedBefore = deps.now() - FORGOTTEN_AFTER_MS;
  let reminded = 0;
  for await (const dataset of deps.datasets.listDeleted()) {
    if (timeIsUp(round)) break;
    if ((dataset.deletedAt ?? 0) > deletedBefore) continue;
    await startDeletion(dataset, dataset.userId, deps);
    deps.telemetry.log('warn', 'Deletion was forgotten', { datasetId: dataset.id });
    reminded += 1;
  }
  return reminded;
}
