import type { Dataset } from '#contracts/items';
import { requestGoneObjects } from './gone-objects.ts';
import { type LandingPage, landingPages } from './landing-pages.ts';
import { requestMissedObjects } from './missed-objects.ts';
import type { ReconcileDeps, Round } from './reconcile-deps.ts';

/** Runs a step, reports where it fails, and returns its count of repairs. */
export type Attempt = (
  what: string,
  datasetId: string | undefined,
  step: () => Promise<number>,
) => Promise<number>;

/**
 * A page of a listing, and the size up to which a dataset is compared completely in every round. Larger ones are
 * between thorough rounds compared as far as they are recent: reading a million items of the registry every few
 * minutes would cost more than everything else that Winnow does.
 */
const PAGE_SIZE = 1_000;
/** How far back (ms) recent goes: a dozen rounds. */
const RECENT_MS = 60 * 60_000;

/** Compares the landing bucket with the registry, in both directions. */
export async function compareLanding(
  datasets: readonly Dataset[],
  round: Round,
  deps: ReconcileDeps,
  attempt: Attempt,
): Promise<void> {
  const { landingBucket } = deps;
  const here = datasets.filter(({ inputDatasource }) => inputDatasource.bucket === landingBucket);
  const unlisted = new Map(here.map((dataset) => [dataset.name, dataset]));
  const repaired: Repaired = { missed: 0, gone: 0 };
  let current: ComparedDataset | undefined;
  for await (const page of landingPages(deps.landing.list(landingBucket, ''), PAGE_SIZE)) {
    if (round.timeIsUp()) {
      deps.telemetry.log('warn', LEFT_MESSAGE, { fromKey: page.objects[0]?.key });
      unlisted.clear();
      break;
    }
    if (!current || page.isFirst) {
      current = { dataset: unlisted.get(page.datasetName), fileNames: new Set() };
      unlisted.delete(page.datasetName);
    }
    await comparePage(page, current, repaired, { round, deps, attempt });
  }
  for (const dataset of unlisted.values()) {
    if (round.timeIsUp()) break;
    await compareRegistry({ dataset, fileNames: new Set() }, repaired, { round, deps, attempt });
  }
  deps.telemetry.count('ObjectsMissed', repaired.missed);
  deps.telemetry.count('ObjectsGone', repaired.gone);
}

const LEFT_MESSAGE = 'The round ends before all objects were compared';

interface Repaired {
  missed: number;
  gone: number;
}

/** The dataset whose pages are being read. */
interface ComparedDataset {
  /** Absent where ingest is still to make it. */
  readonly dataset: Dataset | undefined;
  /** Of all its objects, where it is compared completely. */
  readonly fileNames: Set<string>;
}

interface Surroundings {
  readonly round: Round;
  readonly deps: ReconcileDeps;
  readonly attempt: Attempt;
}

async function comparePage(
  { objects, isFirst, isLast }: LandingPage,
  current: ComparedDataset,
  repaired: Repaired,
  surroundings: Surroundings,
): Promise<void> {
  const { round, deps, attempt } = surroundings;
  const isComplete = round.thorough || (isFirst && isLast);
  const recentFrom = deps.now() - RECENT_MS;
  const compared = isComplete ? objects : objects.filter(({ lastModified }) => lastModified >= recentFrom);
  repaired.missed += await attempt('ObjectsMissed', current.dataset?.id, () =>
    requestMissedObjects(current.dataset, compared, round, deps),
  );
  if (!isComplete) return;
  for (const { fileName } of objects) current.fileNames.add(fileName);
  if (isLast) await compareRegistry(current, repaired, surroundings);
}

async function compareRegistry(
  { dataset, fileNames }: ComparedDataset,
  repaired: Repaired,
  { round, deps, attempt }: Surroundings,
): Promise<void> {
  if (!dataset) return;
  repaired.gone += await attempt('ObjectsGone', dataset.id, () =>
    requestGoneObjects(dataset, fileNames, round, deps),
  );
}
