import { createHash } from 'node:crypto';
import type { Dataset } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import { newLandingDataset } from './datasets.ts';

const LONGEST_PARTS = 120;
const DIGEST_DIGITS = 8;

/**
 * What the dataset of a task's object crops is called where nobody says. Names of datasets know fewer characters than
 * names of tasks, and are shorter; what is lost of them stands at the end as a digest.
 */
export function cropDatasetNameOf({ name }: Pick<Dataset, 'name'>, task: string): string {
  const shortName = name.slice(0, LONGEST_PARTS);
  const shortTask = task.replaceAll(/[^a-zA-Z0-9_-]+/g, '-').slice(0, LONGEST_PARTS);
  const base = `${shortName} ${shortTask} crops`;
  if (shortName === name && shortTask === task) return base;
  const digest = createHash('sha256')
    .update(JSON.stringify([name, task]))
    .digest('hex');
  return `${base} ${digest.slice(0, DIGEST_DIGITS)}`;
}

/** A dataset for the object crops of another one's samples. */
export const newCropDataset = (id: ObjectId, name: string, parent: Dataset, now: number): Dataset => ({
  ...newLandingDataset(
    id,
    name,
    { landing: parent.landingFolder.bucket, platform: parent.platformFolder.bucket },
    now,
  ),
  userId: parent.userId,
  type: 'Crops',
  parentDatasetId: parent.id,
});

/** False where the name belongs to something else. */
export const isCropDatasetOf = (dataset: Dataset, parent: Pick<Dataset, 'id'>): boolean =>
  dataset.type === 'Crops' && dataset.parentDatasetId === parent.id;
