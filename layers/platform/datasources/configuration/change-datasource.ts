import { isDeepStrictEqual } from 'node:util';
import type { User } from '#contracts/access';
import type { DatasetDatasources, DatasourceConfig } from '#contracts/datasources';
import { ConflictError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import type { SyncMessage } from '#contracts/syncs';
import { administersTeam, mayUse } from '../../access/dataset-access.ts';
import type { MessageSender } from '../../queues.ts';
import type { DatasourceStateStore } from '../datasource-states.ts';
import { type Datasource, type DatasourceStore, datasourceOf } from '../datasources.ts';
import { type FollowBucketsDeps, followBuckets, reportingBuckets } from '../input/input-buckets.ts';
import { checkPlace } from '../location.ts';
import { type ClaimRoleDeps, claimRole } from './claim-role.ts';
import { checkAccessPoint } from './event-bucket.ts';
import { lenderIn } from './lenders.ts';
import {
  type CoveredBy,
  checkFieldLengths,
  inSameContainer,
  isWithSameCredentials,
  noMoreThan,
  withKeptSecret,
} from './masked-secrets.ts';

export interface ChangeDatasourceDeps extends ClaimRoleDeps, FollowBucketsDeps {
  readonly datasources: DatasourceStore;
  readonly datasourceStates: Pick<DatasourceStateStore, 'forget'>;
  readonly syncQueue: MessageSender<SyncMessage>;
}

/** More than change the datasources of one dataset at the same time. */
const MOST_RACES = 10;

/**
 * Sets the datasource for a purpose. One for INPUT_OUTPUT takes the place of all others; one for INPUT or LIGHTLY goes
 * before that. Type LIGHTLY points back to Winnow's own buckets. Where INPUT is another one then, its images are looked for.
 *
 * @throws InvalidInputError where the config can't be right; ForbiddenError where its role is somebody else's, or where it is
 * an access point that the caller must not say the bucket of
 */
export async function changeDatasource(
  input: { readonly caller: User; readonly dataset: Dataset; readonly config: DatasourceConfig },
  deps: ChangeDatasourceDeps,
): Promise<void> {
  const { dataset, caller } = input;
  checkFieldLengths(input.config);
  checkPlace(input.config);
  for (let race = 0; race < MOST_RACES; race++) {
    const before = await deps.datasources.get(dataset.id);
    const lender = lenderIn(before, dataset);
    const isCovered: CoveredBy = (wanted, kept) =>
      (mayUse(caller, lender(kept)) ? inSameContainer : noMoreThan)(wanted, kept);
    const config = withKeptSecret(input.config, before?.configs ?? [], isCovered);
    await claimRole({ ...input, config, isCovered }, before, deps);
    // What was found out about it stays known, so that a problem is seen to end.
    if (isAllThereIs(config, before)) return;
    const remaining = remainingBeside(config, before);
    const after: DatasetDatasources = {
      datasetId: dataset.id,
      version: (before?.version ?? 0) + 1,
      configs: [...remaining, config],
      lentBy: {
        ...Object.fromEntries(remaining.map((other) => [other.purpose, lender(other)])),
        [config.purpose]: lenderOf(config, { caller, dataset, before }),
      },
      lastModifiedAt: deps.now(),
    };
    checkAccessPoint(caller, dataset, { before, after });
    const [left, used] = [reportingBuckets(dataset, before), reportingBuckets(dataset, after)];
    const buckets = { datasetId: dataset.id, before: left, after: used };
    if (await followBuckets(buckets, () => deps.datasources.replace(after), deps)) {
      return followChange(dataset, before, deps);
    }
  }
  throw new ConflictError('The datasources of the dataset are being changed by others. Try again.');
}

/** Credentials that the dataset has already stay those of whoever brought them; administrators act for its owner. */
function lenderOf(
  config: DatasourceConfig,
  request: {
    readonly caller: User;
    readonly dataset: Dataset;
    readonly before: DatasetDatasources | undefined;
  },
): ObjectId {
  const { caller, dataset, before } = request;
  const known = before?.configs.find((other) => isWithSameCredentials(config, other));
  if (known) return lenderIn(before, dataset)(known);
  return administersTeam(caller) ? dataset.userId : caller.id;
}

/** True where setting it would change nothing. */
function isAllThereIs(config: DatasourceConfig, stored: DatasetDatasources | undefined): boolean {
  const remaining = remainingBeside(config, stored).length;
  const { configs = [] } = stored ?? {};
  return configs.length === remaining + 1 && configs.some((other) => isDeepStrictEqual(other, config));
}

function remainingBeside(
  { purpose }: DatasourceConfig,
  stored: DatasetDatasources | undefined,
): DatasourceConfig[] {
  if (purpose === 'INPUT_OUTPUT') return [];
  return (stored?.configs ?? []).filter((config) => config.purpose !== purpose);
}

/** What has to be known elsewhere. All of it can be done again, and what is left undone harms nothing. */
async function followChange(
  dataset: Dataset,
  before: DatasetDatasources | undefined,
  deps: ChangeDatasourceDeps,
): Promise<void> {
  const after = await deps.datasources.get(dataset.id);
  await deps.datasourceStates.forget(dataset.id, after?.version ?? 0);
  const isSame = isSameInput(datasourceOf(dataset, before, 'INPUT'), datasourceOf(dataset, after, 'INPUT'));
  if (isSame) return;
  // Where it was another one for a moment, the registry may have of that what earlier listings of this one do not tell.
  await deps.syncQueue.send({ datasetId: dataset.id, work: 'compare', thorough: true, askedAt: deps.now() });
}

const isSameInput = (one: Datasource, other: Datasource): boolean =>
  JSON.stringify([one.place, accessOf(one)]) === JSON.stringify([other.place, accessOf(other)]);

/** What reading depends on. */
function accessOf({ config }: Datasource): object {
  const { thumbSuffix: _, purpose: __, ...access } = config;
  return access;
}
