import pMap from 'p-map';
import { RetryableError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { requestDueSync } from './due-syncs.ts';
import { tryFailingDatasource } from './failing-datasources.ts';
import { repairForgottenCompletions } from './forgotten-completions.ts';
import { repairForgottenDeletions } from './forgotten-deletions.ts';
import { followGoneImages } from './gone-images.ts';
import { repairLostCheck } from './lost-check.ts';
import { requestOutdatedEmbeddings } from './outdated-embeddings.ts';
import type { ReconcileDeps } from './reconcile-deps.ts';
import { beginRound, fromAnotherPlace, type Round, type RoundUnderWay, timeIsUp } from './round.ts';
import { repairStalledRuns } from './stalled-runs.ts';
import { statesOfRound } from './states-of-round.ts';
import { releaseStrandedEvents } from './stranded-events.ts';
import { requestUnknownFolders } from './unknown-folders.ts';

type Repair = (dataset: Dataset, deps: ReconcileDeps, round: RoundUnderWay) => Promise<number>;

/** What is looked at in each dataset, by the metric that counts its repairs. */
const DATASET_REPAIRS = {
  // First: what waits for a datasource goes on in this very round.
  DatasourcesFailing: tryFailingDatasource,
  EventsStranded: releaseStrandedEvents,
  RunsStalled: repairStalledRuns,
  CompletionsForgotten: repairForgottenCompletions,
  ChecksLost: repairLostCheck,
  SyncsDue: requestDueSync,
  ExportsOutdated: followGoneImages,
  // Last: it may read whole registries.
  EmbeddingsOutdated: requestOutdatedEmbeddings,
} as const satisfies Record<string, Repair>;
type Metric = keyof typeof DATASET_REPAIRS;

/** Datasets that are looked at at a time: many, where others may take long to answer, else one after the other. */
const SIDE_BY_SIDE: Partial<Record<Metric, number>> = { DatasourcesFailing: 10 };

/** Runs one repair. What it throws is a failure of the round, which goes on. @returns what was repaired */
type Attempt = (what: string, datasetId: string | undefined, work: () => Promise<number>) => Promise<number>;

/**
 * Looks for what events have missed and what a crash has left half done, and asks the stages to repair it. Asking
 * twice does no harm. What fails in one dataset does not keep it from the others.
 *
 * @throws RetryableError at the end, where something failed
 */
export async function reconcile(round: Round, usual: ReconcileDeps): Promise<void> {
  const deps = { ...usual, datasourceStates: statesOfRound(usual.datasourceStates) };
  const underWay = beginRound(round, deps.longestTrialMs);
  const listed: Dataset[] = [];
  for await (const dataset of deps.datasets.list()) listed.push(dataset);
  const datasets = fromAnotherPlace(listed, deps.now());
  let failures = 0;
  const attempt: Attempt = async (what, datasetId, work) => {
    try {
      return await work();
    } catch (error) {
      failures += 1;
      deps.telemetry.log('error', 'Repair failed', { what, datasetId, error });
      return 0;
    }
  };
  for (const metric of Object.keys(DATASET_REPAIRS) as Metric[]) {
    deps.telemetry.count(metric, await repairEach(metric, datasets, underWay, attempt, deps));
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

async function repairEach(
  metric: Metric,
  datasets: readonly Dataset[],
  round: RoundUnderWay,
  attempt: Attempt,
  deps: ReconcileDeps,
): Promise<number> {
  const repair: Repair = DATASET_REPAIRS[metric];
  let datasetsLeft = 0;
  const repaired = await pMap(
    datasets,
    async (dataset) => {
      if (!timeIsUp(round)) return attempt(metric, dataset.id, () => repair(dataset, deps, round));
      datasetsLeft += 1;
      return 0;
    },
    { concurrency: SIDE_BY_SIDE[metric] ?? 1 },
  );
  if (datasetsLeft > 0) {
    const left = { what: metric, datasetsLeft };
    deps.telemetry.log('warn', 'The round ends before everything was looked at', left);
  }
  return repaired.reduce((sum, count) => sum + count, 0);
}
