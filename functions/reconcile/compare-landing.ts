import type { Dataset } from '#contracts/items';
import { landingPrefix } from '#contracts/s3-keys';
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
  const here = datasets.filter(({ landingFolder }) => landingFolder.bucket === landingBucket);
  // A dataset that was renamed keeps its folder.
  const unlisted = new Map(here.map((dataset) => [dataset.landingFolder.prefix, dataset]));
  const repaired: Repaired = { missed: 0, gone: 0 };
  let current: ComparedDataset | undefined;
  for await (const page of landingPages(deps.landing.list(landingBucket, ''), PAGE_SIZE)) {
    if (round.timeIsUp()) {
      deps.telemetry.log('warn', LEFT_MESSAGE, { fromKey: page.objects[0]?.key });
      unlisted.clear();
      break;
    }
    if (!current || page.isFirst) {
      current = await comparedDataset(page.datasetName, unlisted, deps);
    }
    await comparePage(page, current, repaired, { round, deps, attempt });
  }
  for (const dataset of unlisted.values()) {
    if (round.timeIsUp()) break;
    await compareRegistry({ dataset, bornAfter: 0, fileNames: new Set() }, repaired, {
      round,
      deps,
      attempt,
    });
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
  /** Older objects (ms) were left behind by a dataset of this name that was deleted. */
  readonly bornAfter: number;
  /** Of all its objects, where it is compared completely. */
  readonly fileNames: Set<string>;
}

/** What the folder is compared with; it is taken out of those that are still to come. */
async function comparedDataset(
  folder: string,
  unlisted: Map<string, Dataset>,
  deps: ReconcileDeps,
): Promise<ComparedDataset> {
  const prefix = landingPrefix(folder);
  const dataset = unlisted.get(prefix);
  unlisted.delete(prefix);
  const bornAfter = dataset ? dataset.landingSince : await deps.datasets.nameReleasedAt(folder);
  return { dataset, bornAfter: bornAfter ?? 0, fileNames: new Set() };
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
  const from = Math.max(isComplete ? 0 : recentFrom, current.bornAfter + 1);
  const compared = objects.filter(({ lastModified }) => lastModified >= from);
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
