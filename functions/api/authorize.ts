import { TEAM_ID, type User } from '#contracts/access';
import { NotFoundError } from '#contracts/errors';
import type { Dataset, Run } from '#contracts/items';
import { usableDataset } from '#platform/access/usable-dataset';
import { type RunAccessDeps, usableRun } from '#platform/access/usable-run';
import { checkPathIds } from './path-ids.ts';

export type AuthorizationDeps = RunAccessDeps;

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
