import type { Dataset } from '#contracts/items';
import { type DatasourceStore, datasourceOf, isConfigured } from '../datasources/datasources.ts';
import type { RawSampleStore } from '../samples/raw-samples.ts';
import { placeDigestOf } from './place-digest.ts';
import type { SyncStore } from './sync-store.ts';

export interface FirstListingDeps {
  readonly datasources: Pick<DatasourceStore, 'get'>;
  readonly syncs: Pick<SyncStore, 'get'>;
  readonly rawSamples: Pick<RawSampleStore, 'countPending'>;
  /** ms */
  readonly now: () => number;
}

/** How long (ms) images that a listing has found are waited for, for each of them and in all: some may never come. */
const PATIENCE_MS = 60_000;
const PATIENCE_FOR_EACH_MS = 200;
const MOST_PATIENCE_MS = 6 * 60 * 60_000;

/**
 * True while what was in a datasource when it was connected is still being listed and read. A run that began before that
 * was done would choose among the few images that happen to be there, or find none.
 */
export async function isBeingTakenIn(dataset: Dataset, deps: FirstListingDeps): Promise<boolean> {
  const input = datasourceOf(dataset, await deps.datasources.get(dataset.id), 'INPUT');
  if (!isConfigured(input)) return false;
  const sync = await deps.syncs.get(dataset.id);
  if (sync?.firstFinishedAt === undefined || sync.placeDigest !== placeDigestOf(input)) return true;
  const { last, firstStartedAt } = sync;
  if (last?.startedAt !== firstStartedAt) return false;
  const { missed } = last.counts;
  const patience = Math.min(PATIENCE_MS + missed * PATIENCE_FOR_EACH_MS, MOST_PATIENCE_MS);
  if (deps.now() - last.finishedAt >= patience) return false;
  return (await deps.rawSamples.countPending(dataset.id, missed)) < missed;
}
