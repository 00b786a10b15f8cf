import { isAnonymous, TEAM_ID, type User } from '#contracts/access';
import { NotFoundError, UnauthorizedError } from '#contracts/errors';
import type { Dataset, Run } from '#contracts/items';
import type { ProtocolOperation, Security } from '#contracts/protocol/operations';
import { usableDataset } from '#platform/access/usable-dataset';
import { type RunAccessDeps, usableRun } from '#platform/access/usable-run';
import { livingDataset } from '#platform/datasets/living-dataset';
import { checkPathIds } from './path-ids.ts';

export type AuthorizationDeps = RunAccessDeps;

/** Who asks. */
export interface Admitted {
  readonly caller: User;
  /** What of them was checked: their token, a public token for what the request names, or nothing. */
  readonly checked: Security;
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
 * @throws NotFoundError where there is no such dataset, run or team; ForbiddenError where it is not the caller's;
 * UnauthorizedError where nobody says who they are, and it matters
 */
export async function authorize(
  { security }: Pick<ProtocolOperation, 'security'>,
  { caller, checked }: Admitted,
  parameters: Readonly<Record<string, string>>,
  deps: AuthorizationDeps,
): Promise<FoundResources> {
  checkPathIds(parameters);
  if (isAnonymous(caller)) return authorizeAnonymous(security, checked, parameters, deps);
  const { datasetId, runId, teamId } = parameters;
  if (teamId !== undefined && teamId !== TEAM_ID) throw new NotFoundError('team', teamId);
  const dataset = datasetId === undefined ? undefined : await usableDataset(caller, datasetId, deps);
  const run = runId === undefined ? undefined : await usableRun(caller, runId, deps);
  return { ...(dataset && { dataset }), ...(run && { run }) };
}

/** Without a token one has what the contract gives to everybody, and the dataset that a public token is for. */
async function authorizeAnonymous(
  security: Security,
  checked: Security,
  { datasetId }: Readonly<Record<string, string>>,
  deps: AuthorizationDeps,
): Promise<FoundResources> {
  if (security === 'none') return {};
  if (security !== 'publicToken' || checked !== 'publicToken' || datasetId === undefined) {
    throw new UnauthorizedError('The request has no token, and what it asks for needs one.');
  }
  return { dataset: await livingDataset(datasetId, deps.datasets) };
}
