import { type SharedAccess, TEAM_ID, type User } from '#contracts/access';
import type { Dataset } from '#contracts/items';
import { administersTeam, isSharedWith } from '../access/dataset-access.ts';
import type { SharedAccessStore } from '../access/users.ts';
import type { DatasetStore } from './datasets.ts';

/** Which of the datasets that somebody may use are asked for: their own unless told otherwise. */
export interface DatasetScope {
  /** Those of others that are shared with them. */
  readonly shared?: boolean;
  /** Those of others that the team has: of an administrator all of them, of a member those shared with the team. */
  readonly getAssetsOfTeam?: boolean;
  /** As {@link getAssetsOfTeam}, and their own. */
  readonly getAssetsOfTeamInclusiveSelf?: boolean;
}

export interface VisibleDatasetsDeps {
  readonly datasets: Pick<DatasetStore, 'get' | 'findByName' | 'list' | 'listOwned'>;
  readonly sharedAccess: Pick<SharedAccessStore, 'list' | 'listSharedWith'>;
}

/** The datasets of a scope, newest first; with `InclusiveSelf` a member's own come first. */
export async function* visibleDatasets(
  caller: User,
  scope: DatasetScope,
  deps: VisibleDatasetsDeps,
): AsyncGenerator<Dataset> {
  const { getAssetsOfTeamInclusiveSelf = false, getAssetsOfTeam = false, shared = false } = scope;
  const asksForTeam = getAssetsOfTeam || getAssetsOfTeamInclusiveSelf;
  if (asksForTeam && administersTeam(caller)) {
    for await (const each of deps.datasets.list({ newestFirst: true })) {
      if (getAssetsOfTeamInclusiveSelf || each.userId !== caller.id) yield each;
    }
    return;
  }
  if (getAssetsOfTeamInclusiveSelf || !(asksForTeam || shared)) yield* deps.datasets.listOwned(caller.id);
  if (asksForTeam || shared) yield* sharedDatasets(caller, scope, deps);
}

async function* sharedDatasets(
  caller: User,
  scope: DatasetScope,
  deps: VisibleDatasetsDeps,
): AsyncGenerator<Dataset> {
  const names = scope.shared ? [caller.email, caller.id, TEAM_ID] : [TEAM_ID];
  for (const datasetId of await deps.sharedAccess.listSharedWith(names)) {
    const found = await deps.datasets.get(datasetId);
    if (!found || found.deletedAt !== undefined || found.userId === caller.id) continue;
    if (isInSharedScope(caller, scope, await deps.sharedAccess.list(datasetId))) yield found;
  }
}

const isInSharedScope = (caller: User, { shared }: DatasetScope, access: readonly SharedAccess[]): boolean =>
  shared ? isSharedWith(caller, access) : access.some(({ teams }) => teams.includes(TEAM_ID));

/** The dataset of exactly this name, if it is in the scope. Finds one that was made a moment ago. */
export async function visibleDatasetNamed(
  caller: User,
  name: string,
  scope: DatasetScope,
  deps: VisibleDatasetsDeps,
): Promise<Dataset | undefined> {
  const found = await deps.datasets.findByName(name);
  // A dataset is also found by the name of its landing folder.
  if (!found || found.name !== name) return undefined;
  const asksForTeam = scope.getAssetsOfTeam || scope.getAssetsOfTeamInclusiveSelf;
  if (found.userId === caller.id) {
    return scope.getAssetsOfTeamInclusiveSelf || !(asksForTeam || scope.shared) ? found : undefined;
  }
  if (asksForTeam && administersTeam(caller)) return found;
  if (!(asksForTeam || scope.shared)) return undefined;
  return isInSharedScope(caller, scope, await deps.sharedAccess.list(found.id)) ? found : undefined;
}
