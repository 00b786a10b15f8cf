import type { Dataset } from '#contracts/items';
import { type DatasetStore, newLandingDataset } from '#platform/datasets/datasets';
import { MOST_AGE_MS } from '#platform/kept-for-seconds';
import type { IngestDeps } from './ingest-deps.ts';

/** More datasets than one process sees in that time; it keeps the cache from growing for ever. */
const MOST_DATASETS = 1_000;

interface KnownDataset {
  readonly dataset: Dataset;
  /** When the last dataset of the name was deleted, ms; -1 where there was none. */
  readonly releasedAt: number;
  readonly readAt: number;
}

/**
 * Datasets by name, made with default settings where there is none, read at most every few seconds: a burst of
 * uploads to one dataset would otherwise read the same item once for each image.
 */
export function datasetCache(
  datasets: Pick<DatasetStore, 'ensure' | 'nameReleasedAt'>,
  buckets: { readonly landing: string; readonly platform: string },
  now: () => number,
): IngestDeps['ensureDataset'] {
  const known = new Map<string, KnownDataset>();
  const ensure = async (name: string, releasedAt: number, readAt: number) => {
    const dataset = await datasets.ensure(name, (id) => newLandingDataset(id, name, buckets, readAt));
    if (known.size >= MOST_DATASETS) known.clear();
    known.set(name, { dataset, releasedAt, readAt });
    return dataset;
  };
  return async (name, bornAt = Number.POSITIVE_INFINITY) => {
    const entry = known.get(name);
    const isFresh = entry && now() - entry.readAt < MOST_AGE_MS;
    // An image that a deleted dataset left behind makes no new one, and is not that of one which has taken the name.
    const releasedAt = isFresh ? entry.releasedAt : ((await datasets.nameReleasedAt(name)) ?? -1);
    if (bornAt <= releasedAt) return undefined;
    const dataset = isFresh ? entry.dataset : await ensure(name, releasedAt, now());
    return bornAt <= (dataset.landingSince ?? -1) ? undefined : dataset;
  };
}
