import { type SharedAccess, TEAM_ID, type User } from '#contracts/access';
import type { Dataset } from '#contracts/items';
import { type AssetScope, assetScope } from '../access/asset-scope.ts';
import { administersTeam, isSharedWith } from '../access/dataset-access.ts';
import type { SharedAccessStore } from '../access/users.ts';
import type { DatasetStore } from './datasets.ts';
import { findLivingDataset } from './living-dataset.ts';

/**
 * Which of the datasets that somebody may use are asked for. Those of the team are, for an administrator, all of them;
 * for a member those shared with the team.
 */
export interface DatasetScope extends AssetScope {
  /** Those of others that are shared with the caller, instead of the caller's own. */
  readonly shared?: boolean;
}

/** As of other things; but shared datasets are asked for instead of one's own. */
function datasetScope({ shared = false, ...scope }: DatasetScope): {
  readonly own: boolean;
  readonly ofTeam: boolean;
} {
  const { own, others: ofTeam } = assetScope(scope);
  return { own: ofTeam ? own : !shared, ofTeam };
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
  const { own, ofTeam } = datasetScope(scope);
  if (ofTeam && administersTeam(caller)) {
    for await (const each of deps.datasets.list({ newestFirst: true })) {
      if (own || each.userId !== caller.id) yield each;
    }
    return;
  }
  if (own) yield* deps.datasets.listOwned(caller.id);
  if (ofTeam || scope.shared) yield* sharedDatasets(caller, scope, deps);
}

async function* sharedDatasets(
  caller: User,
  scope: DatasetScope,
  deps: VisibleDatasetsDeps,
): AsyncGenerator<Dataset> {
  const names = scope.shared ? [caller.email, caller.id, TEAM_ID] : [TEAM_ID];
  for (const datasetId of await deps.sharedAccess.listSharedWith(names)) {
    const found = await findLivingDataset(datasetId, deps.datasets);
    if (!found || found.userId === caller.id) continue;
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
  const { own, ofTeam } = datasetScope(scope);
  if (found.userId === caller.id) return own ? found : undefined;
  if (ofTeam && administersTeam(caller)) return found;
  if (!(ofTeam || scope.shared)) return undefined;
  return isInSharedScope(caller, scope, await deps.sharedAccess.list(found.id)) ? found : undefined;
}
