import type { Dataset } from '#contracts/items';
import { type DatasetStore, newLandingDataset } from '#platform/datasets/datasets';

/** How long (ms) a change of a dataset's settings may take to reach a process that ingests. */
const MOST_AGE_MS = 5_000;
/** More datasets than one process sees in that time; it keeps the cache from growing for ever. */
const MOST_DATASETS = 1_000;

/**
 * Datasets by name, made with default settings where there is none, read at most every few seconds: a burst of uploads to one dataset would otherwise read the
 * same item once for each image.
 */
export function datasetCache(
  datasets: Pick<DatasetStore, 'ensure'>,
  buckets: { readonly landing: string; readonly platform: string },
  now: () => number,
): (name: string) => Promise<Dataset> {
  const known = new Map<string, { readonly dataset: Dataset; readonly readAt: number }>();
  return async (name) => {
    const entry = known.get(name);
    if (entry && now() - entry.readAt < MOST_AGE_MS) return entry.dataset;
    const readAt = now();
    const dataset = await datasets.ensure(name, (id) => newLandingDataset(id, name, buckets, readAt));
    if (known.size >= MOST_DATASETS) known.clear();
    known.set(name, { dataset, readAt });
    return dataset;
  };
}
