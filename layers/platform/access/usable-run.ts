import type { User } from '#contracts/access';
import { ForbiddenError, NotFoundError } from '#contracts/errors';
import type { Run } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import type { RunEntry, RunStore } from '../runs/runs.ts';
import { administersTeam } from './dataset-access.ts';
import { type DatasetAccessDeps, datasetFinder, type FindDataset } from './usable-dataset.ts';

export interface RunAccessDeps extends DatasetAccessDeps {
  readonly runs: Pick<RunStore, 'get'>;
}

/** A run may be used by whoever may use its dataset; where it has none, or that is gone, by its owner. */
export async function mayUseRun(
  caller: User,
  { userId, datasetId }: Pick<RunEntry, 'userId' | 'datasetId'>,
  find: FindDataset,
): Promise<boolean> {
  if (administersTeam(caller)) return true;
  const found = datasetId === undefined ? undefined : await find(datasetId);
  return found ? found.isUsable : userId === caller.id;
}

/** @throws NotFoundError, ForbiddenError */
export async function usableRun(caller: User, runId: ObjectId, deps: RunAccessDeps): Promise<Run> {
  const run = await deps.runs.get(runId);
  if (!run) throw new NotFoundError('run', runId);
  if (await mayUseRun(caller, run, datasetFinder(caller, deps))) return run;
  throw new ForbiddenError(
    `Run '${runId}' is of a dataset that is not shared with you, or it has no dataset and is not yours. Ask its owner, or an administrator of the team.`,
  );
}
