import type { User } from '#contracts/access';
import type { Run } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import { type AssetScope, isInAssetScope } from '../access/asset-scope.ts';
import { type DatasetAccessDeps, rememberingDatasetFinder } from '../access/usable-dataset.ts';
import { mayUseRun } from '../access/usable-run.ts';
import { type PageRequest, pageOf } from '../page.ts';
import type { RunStore } from './runs.ts';

export interface VisibleRunsDeps extends DatasetAccessDeps {
  readonly runs: Pick<RunStore, 'listEntries' | 'listIds' | 'getMany'>;
}

/** Runs that are read, and whose rows are made, at a time. */
const RUNS_AT_A_TIME = 100;

/** A page of the runs of a scope, newest first, in batches. Runs that are not on the page are not read. */
export const visibleRuns = (
  caller: User,
  query: AssetScope & PageRequest,
  deps: VisibleRunsDeps,
): AsyncGenerator<Run[]> => inBatches(pageOf(visibleIds(caller, query, deps), query), deps);

/** A page of the runs of a dataset, newest first, in batches. */
export const runsOfDataset = (
  datasetId: ObjectId,
  page: PageRequest,
  deps: Pick<VisibleRunsDeps, 'runs'>,
): AsyncGenerator<Run[]> => inBatches(pageOf(deps.runs.listIds(datasetId), page), deps);

export async function countVisibleRuns(
  caller: User,
  scope: AssetScope,
  deps: VisibleRunsDeps,
): Promise<number> {
  let count = 0;
  for await (const _ of visibleIds(caller, scope, deps)) count += 1;
  return count;
}

async function* visibleIds(caller: User, scope: AssetScope, deps: VisibleRunsDeps): AsyncGenerator<ObjectId> {
  const find = rememberingDatasetFinder(caller, deps);
  for await (const entry of deps.runs.listEntries()) {
    if (!isInAssetScope(scope, caller, entry.userId)) continue;
    if (await mayUseRun(caller, entry, find)) yield entry.id;
  }
}

async function* inBatches(
  ids: AsyncIterable<ObjectId>,
  { runs }: Pick<VisibleRunsDeps, 'runs'>,
): AsyncGenerator<Run[]> {
  let batch: ObjectId[] = [];
  for await (const id of ids) {
    batch.push(id);
    if (batch.length < RUNS_AT_A_TIME) continue;
    yield runs.getMany(batch);
    batch = [];
  }
  if (batch.length > 0) yield runs.getMany(batch);
}
