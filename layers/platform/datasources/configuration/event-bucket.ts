import type { User } from '#contracts/access';
import type { DatasetDatasources } from '#contracts/datasources';
import { ForbiddenError } from '#contracts/errors';
import type { InputSettings } from '#contracts/input-settings';
import type { Dataset } from '#contracts/items';
import { administersTeam } from '../../access/dataset-access.ts';
import { datasourceOf } from '../datasources.ts';
import { isAccessPoint } from '../s3-resources.ts';

/*
 * S3 tells nobody which bucket is behind an access point, and events say which files are in their bucket. So whoever administers
 * the team says it: with an access point of their own, anybody else could read the names in any bucket off what is asked of it.
 */

/** @throws ForbiddenError where the caller must not say that a bucket is behind an access point */
export function checkEventBucket(caller: User, { eventBucket }: Pick<InputSettings, 'eventBucket'>): void {
  if (eventBucket === undefined || administersTeam(caller)) return;
  throw new ForbiddenError(
    `input.eventBucket can't be set to '${eventBucket}': nobody can check that it is the bucket behind the access point, and its ` +
      'events say which files are in it. Ask an administrator of the team. Without it, the access point is listed.',
  );
}

/** @throws ForbiddenError where an access point becomes INPUT of which the caller must not say the bucket */
export function checkAccessPoint(
  caller: User,
  dataset: Dataset,
  change: { readonly before: DatasetDatasources | undefined; readonly after: DatasetDatasources },
): void {
  const bucketOf = (stored: DatasetDatasources | undefined) =>
    datasourceOf(dataset, stored, 'INPUT').place.bucket;
  const { eventBucket } = dataset.settings.input;
  if (eventBucket === undefined || administersTeam(caller)) return;
  const bucket = bucketOf(change.after);
  if (!isAccessPoint(bucket) || bucket === bucketOf(change.before)) return;
  throw new ForbiddenError(
    `The access point can't be INPUT while input.eventBucket is '${eventBucket}': only administrators of the team say which bucket ` +
      'is behind one. Remove that setting first, or ask one of them.',
  );
}
