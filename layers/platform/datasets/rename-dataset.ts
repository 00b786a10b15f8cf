import { ConflictError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { landingPrefix } from '#contracts/s3-keys';
import type { ObjectStore } from '../objects/objects.ts';
import type { DatasetStore } from './datasets.ts';

export interface RenameDeps {
  readonly datasets: Pick<DatasetStore, 'proposeName' | 'claimName' | 'settleName' | 'releaseName'>;
  readonly landing: Pick<ObjectStore, 'list'>;
  readonly landingBucket: string;
}

/**
 * Gives a dataset another name. Its folder in the landing bucket moves with it while there is nothing in it.
 * Otherwise images stay where they are and the dataset keeps the folder, and with it the name that the folder has:
 * what arrives there is still its own, and no other dataset can take it. What a deleted dataset of the new name has
 * left in that folder is not this one's.
 *
 * Stopped halfway, the old name stands and the new one stays reserved; repeating the change completes it.
 *
 * @throws ConflictError where the name is taken, or the dataset was renamed by somebody else at the same moment
 */
export async function renameDataset(dataset: Dataset, name: string, deps: RenameDeps): Promise<void> {
  const { datasets } = deps;
  const { id, pendingName } = dataset;
  if (name === dataset.name && pendingName === undefined) return;
  await datasets.proposeName(id, name);
  const claim = await datasets.claimName(name, id);
  if (!claim) {
    throw new ConflictError(
      `A dataset, or the landing folder of one, has the name '${name}'. Choose another name: names are unique in a deployment.`,
      { apiCode: 'DATASET_NAME_EXISTS' },
    );
  }
  const { landingFolder, landingSince } = dataset;
  const moves = hasLandingFolder(dataset, deps) && (await isEmpty(dataset, deps));
  const place = moves
    ? { landingFolder: { ...landingFolder, prefix: landingPrefix(name) }, landingSince: claim.releasedAt }
    : { landingFolder, landingSince };
  const renamed = await datasets.settleName(id, name, place);
  if (!renamed) throw new ConflictError(`Dataset '${id}' was renamed by somebody else. Read it again.`);
  await releaseOldNames(dataset, renamed, deps);
}

const hasLandingFolder = ({ landingFolder }: Dataset, { landingBucket }: RenameDeps): boolean =>
  landingFolder.bucket === landingBucket;

async function isEmpty({ landingFolder }: Dataset, { landing, landingBucket }: RenameDeps): Promise<boolean> {
  for await (const _object of landing.list(landingBucket, landingFolder.prefix)) return false;
  return true;
}

/** Those that lead to the dataset no more. */
async function releaseOldNames(before: Dataset, after: Dataset, { datasets }: RenameDeps): Promise<void> {
  const kept = new Set(namesOf(after));
  for (const name of namesOf(before)) if (!kept.has(name)) await datasets.releaseName(name, before.id);
}

/** All names that a dataset holds: its own, that of its landing folder, and one that it was about to get. */
export function namesOf({ name, pendingName, landingFolder }: Dataset): string[] {
  const folder = landingFolder.prefix.replace(/\/$/, '');
  return [...new Set([name, folder, ...(pendingName === undefined ? [] : [pendingName])])];
}
