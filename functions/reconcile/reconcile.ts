import { RetryableError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { requestDueSync } from './due-syncs.ts';
import { tryFailingDatasource } from './failing-datasources.ts';
import { repairForgottenCompletions } from './forgotten-completions.ts';
import { repairForgottenDeletions } from './forgotten-deletions.ts';
import { repairLostCheck } from './lost-check.ts';
import { requestOutdatedEmbeddings } from './outdated-embeddings.ts';
import type { ReconcileDeps, Round } from './reconcile-deps.ts';
import { repairStalledRuns } from './stalled-runs.ts';
import { releaseStrandedEvents } from './stranded-events.ts';
import { requestUnknownFolders } from './unknown-folders.ts';

type Repair = (dataset: Dataset, deps: ReconcileDeps, round: Round) => Promise<number>;

/** What is looked at in each dataset, by the metric that counts its repairs. */
const DATASET_REPAIRS = {
  // First: what waits for a datasource goes on in this very round.
  DatasourcesFailing: tryFailingDatasource,
  EventsStranded: releaseStrandedEvents,
  RunsStalled: repairStalledRuns,
  CompletionsForgotten: repairForgottenCompletions,
  ChecksLost: repairLostCheck,
  EmbeddingsOutdated: requestOutdatedEmbeddings,
  SyncsDue: requestDueSync,
} as const satisfies Record<string, Repair>;

/**
 * Looks for what events have missed and what a crash has left half done, and asks the stages to repair it. Asking
 * twice does no harm. What fails in one dataset does not keep it from the others.
 *
 * @throws RetryableError at the end, where something failed
 */
export async function reconcile(round: Round, deps: ReconcileDeps): Promise<void> {
  const datasets: Dataset[] = [];
  for await (const dataset of deps.datasets.list()) datasets.push(dataset);
  let failures = 0;
  const attempt = async (what: string, datasetId: string | undefined, work: () => Promise<number>) => {
    try {
      return await work();
    } catch (error) {
      failures += 1;
      deps.telemetry.log('error', 'Repair failed', { what, datasetId, error });
      return 0;
    }
  };
  for (const [metric, repair] of Object.entries(DATASET_REPAIRS)) {
    let repaired = 0;
    for (const [index, dataset] of datasets.entries()) {
      if (round.timeIsUp()) {
        reportLeft(metric, datasets.length - index, deps);
        break;
      }
      repaired += await attempt(metric, dataset.id, () => repair(dataset, deps, round));
    }
    deps.telemetry.count(metric, repaired);
  }
  const reminded = await attempt('DeletionsForgotten', undefined, () =>
    repairForgottenDeletions(round, deps),
  );
  deps.telemetry.count('DeletionsForgotten', reminded);
  const unknown = await attempt('FoldersUnknown', undefined, () =>
    requestUnknownFolders(datasets, round, deps),
  );
  deps.telemetry.count('FoldersUnknown', unknown);
  if (failures > 0)
    throw new RetryableError('REPAIRS_FAILED', `${failures} repairs failed; the log tells which.`);
}

function reportLeft(what: string, datasetsLeft: number, { telemetry }: ReconcileDeps): void {
  telemetry.log('warn', 'The round ends before everything was looked at', { what, datasetsLeft });
}
