import type { DatasetDatasources } from '#contracts/datasources';
import type { Dataset } from '#contracts/items';
import type { DatasetSync } from '#contracts/syncs';
import { datasourceOf } from '#platform/datasources/datasources';
import { placeDigestOf } from '#platform/syncs/place-digest';
import { newId } from './documents.ts';

/** The first sync of a dataset's INPUT, complete. @param missed what ingest was asked for @param at ms, when it ended */
export function finishedSync(
  dataset: Dataset,
  stored: DatasetDatasources,
  { missed = 0, at }: { readonly missed?: number; readonly at: number },
): DatasetSync {
  const counts = { listed: missed, requests: 1, missed, changed: 0, gone: 0, skipped: {} };
  const placeDigest = placeDigestOf(datasourceOf(dataset, stored, 'INPUT'));
  const done = { startedAt: at, finishedAt: at, counts };
  return {
    ...{ datasetId: dataset.id, version: 1, id: newId(), kind: 'compare', scope: {}, placeDigest },
    ...{ source: 'listing', state: 'DONE', parts: [], ...done, lastProgressAt: at, last: done },
    ...{ firstStartedAt: at, firstFinishedAt: at },
  };
}
