import type { User } from '#contracts/access';

/** Whose things a list is asked for, in the protocol's words: the caller's own unless told otherwise. */
export interface AssetScope {
  /** Those of others that the team has. */
  readonly getAssetsOfTeam?: boolean;
  /** As {@link getAssetsOfTeam}, and their own. */
  readonly getAssetsOfTeamInclusiveSelf?: boolean;
}

/** The scope as two answers. */
export const assetScope = ({
  getAssetsOfTeam = false,
  getAssetsOfTeamInclusiveSelf = false,
}: AssetScope): { readonly own: boolean; readonly others: boolean } => ({
  own: getAssetsOfTeamInclusiveSelf || !getAssetsOfTeam,
  others: getAssetsOfTeam || getAssetsOfTeamInclusiveSelf,
});

/** True where a thing of this owner is asked for. Says nothing of whether the caller may use it. */
export function isInAssetScope(scope: AssetScope, caller: User, ownerId: string): boolean {
  const { own, others } = assetScope(scope);
  return ownerId === caller.id ? own : others;
}
