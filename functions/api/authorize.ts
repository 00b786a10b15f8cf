import { TEAM_ID, type User } from '#contracts/access';
import { ForbiddenError, NotFoundError } from '#contracts/errors';
import type { Dataset, Run } from '#contracts/items';
import { checkDatasetAccess, mayUse } from '#platform/access/dataset-access';
import type { SharedAccessStore } from '#platform/access/users';
import type { DatasetStore } from '#platform/datasets/datasets';
import type { RunStore } from '#platform/runs/runs';
import { checkPathIds } from './path-ids.ts';

export interface AuthorizationDeps {
  readonly datasets: Pick<DatasetStore, 'get'>;
  readonly runs: Pick<RunStore, 'get'>;
  readonly sharedAccess: Pick<SharedAccessStore, 'list'>;
}

/** What the path of a request names, if it names it. */
export interface FoundResources {
  readonly dataset?: Dataset;
  readonly run?: Run;
}

/**
 * Finds what the path of a request names, and checks that the caller may use it. Every operation passes here, so
 * that none can forget it; what is inside a dataset (its tags, samples, …) is found by the operation itself.
 *
 * @throws NotFoundError where there is no such dataset, run or team; ForbiddenError where it is not the caller's
 */
export async function authorize(
  caller: User,
  parameters: Readonly<Record<string, string>>,
  deps: AuthorizationDeps,
): Promise<FoundResources> {
  checkPathIds(parameters);
  const { datasetId, runId, teamId } = parameters;
  if (teamId !== undefined && teamId !== TEAM_ID) throw new NotFoundError('team', teamId);
  const dataset = datasetId === undefined ? undefined : await usableDataset(caller, datasetId, deps);
  const run = runId === undefined ? undefined : await usableRun(caller, runId, deps);
  return { ...(dataset && { dataset }), ...(run && { run }) };
}

/** @throws NotFoundError, ForbiddenError */
export async function usableDataset(
  caller: User,
  datasetId: string,
  deps: AuthorizationDeps,
): Promise<Dataset> {
  const dataset = await deps.datasets.get(datasetId);
  if (!dataset || dataset.deletedAt !== undefined) throw new NotFoundError('dataset', datasetId);
  await checkDatasetAccess(caller, dataset, deps.sharedAccess);
  return dataset;
}

/**
 * A run may be used by whoever may use its dataset; where it has none, or that is gone, by its owner.
 * @throws NotFoundError, ForbiddenError
 */
export async function usableRun(caller: User, runId: string, deps: AuthorizationDeps): Promise<Run> {
  const run = await deps.runs.get(runId);
  if (!run) throw new NotFoundError('run', runId);
  const dataset = run.datasetId === undefined ? undefined : await deps.datasets.get(run.datasetId);
  if (dataset && dataset.deletedAt === undefined) {
    await checkDatasetAccess(caller, dataset, deps.sharedAccess);
  } else if (!mayUse(caller, run.userId)) {
    throw new ForbiddenError(`Run '${runId}' has no dataset, and is not yours. Its owner may use it.`);
  }
  return run;
}
