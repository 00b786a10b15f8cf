import { newObjectId } from '#contracts/schema';
import type { DatasetSync } from '#contracts/syncs';
import type { DatasetStore } from '#platform/datasets/datasets';
import { type DatasourceStore, datasourceOf } from '#platform/datasources/datasources';
import { NO_COUNTS } from '#platform/syncs/next-sync';
import { placeDigestOf } from '#platform/syncs/place-digest';
import type { SyncStore } from '#platform/syncs/sync-store';

/** Notes, as the stage sync does it, that a dataset has listed something of its datasource as it is now. @param at ms */
export async function noteListed(
  datasetId: string,
  at: number,
  stores: {
    readonly datasets: Pick<DatasetStore, 'get'>;
    readonly datasources: Pick<DatasourceStore, 'get'>;
    readonly syncs: SyncStore;
  },
  change: Partial<DatasetSync> = {},
): Promise<void> {
  const dataset = (await stores.datasets.get(datasetId))!;
  const input = datasourceOf(dataset, await stores.datasources.get(datasetId), 'INPUT');
  const { version = 0 } = (await stores.syncs.get(datasetId)) ?? {};
  await stores.syncs.replace({
    ...{ datasetId, version: version + 1, id: newObjectId(at), kind: 'compare', scope: {} },
    ...{ placeDigest: placeDigestOf(input), source: 'listing', state: 'DONE', startedAt: at },
    ...{ lastProgressAt: at, parts: [{ listed: 1, isDone: true }], counts: NO_COUNTS, firstStartedAt: 0 },
    ...change,
  });
}
