import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { User } from '#contracts/access';
import type { DatasetDatasources } from '#contracts/datasources';
import { ForbiddenError, InvalidInputError } from '#contracts/errors';
import { type InputSettings, inputSettings } from '#contracts/input-settings';
import type { Dataset } from '#contracts/items';
import { parseWith } from '#contracts/schema';
import type { SyncMessage } from '#contracts/syncs';
import { mayUse } from '../../access/dataset-access.ts';
import type { DatasetStore } from '../../datasets/datasets.ts';
import type { MessageSender } from '../../queues.ts';
import { placeDigestOf } from '../../syncs/place-digest.ts';
import type { DatasourceStateStore } from '../datasource-states.ts';
import { datasourceOf } from '../datasources.ts';
import { type FollowBucketsDeps, followBuckets, reportingBuckets } from '../input/input-buckets.ts';
import { checkInputFilter } from '../input/input-filter.ts';
import { s3LocationOf } from '../location.ts';
import { checkEventBucket } from './event-bucket.ts';
import { lenderIn } from './lenders.ts';

/** How requests to the datasources are made. */
const ACCESS_FIELDS = ['requesterPays', 'bucketOwner', 'endpoint', 'pathStyle', 'lightly'] as const;
/** What is done with the credentials that somebody has lent. */
const LENT_FIELDS = [...ACCESS_FIELDS, 'inventory'] as const;

const changedOf = <Field extends keyof InputSettings>(
  fields: readonly Field[],
  before: InputSettings,
  after: InputSettings,
): Field | undefined => fields.find((field) => !isDeepStrictEqual(before[field], after[field]));

export interface FollowInputDeps extends FollowBucketsDeps {
  readonly datasourceStates: Pick<DatasourceStateStore, 'forget'>;
  /** Without it, changes act when the datasource is listed next. */
  readonly syncQueue?: MessageSender<SyncMessage>;
  /** ms */
  readonly now: () => number;
}

export interface ChangeInputSettingsDeps extends FollowInputDeps {
  readonly datasets: Pick<DatasetStore, 'get' | 'replaceSettings'>;
}

const section = z.strictObject({ input: inputSettings });

/**
 * Changes the field `input` of a dataset's settings, and has the datasource compared.
 *
 * @param fields what `input` is from now on; with `keepsOthers` what is named in it, where null stands for the default
 * @returns all of `input`
 * @throws InvalidInputError naming each wrong field; ForbiddenError where the caller neither owns the dataset nor what a
 * field is about; ConflictError where somebody else changed the settings at the same moment
 */
export async function changeInputSettings(
  request: {
    readonly caller: User;
    readonly dataset: Dataset;
    readonly fields: object;
    readonly keepsOthers: boolean;
  },
  deps: ChangeInputSettingsDeps,
): Promise<InputSettings> {
  const { caller, dataset, fields, keepsOthers } = request;
  if (!mayUse(caller, dataset.userId)) {
    throw new ForbiddenError(
      'Only the owner of the dataset changes its settings. Ask the owner, or an administrator of the team.',
    );
  }
  const before = dataset.settings.input;
  const document = keepsOthers ? withFields(before, fields) : fields;
  const { input } = parseWith(section, { input: document }, 'The body');
  checkInputSettings(input);
  const stored = await deps.datasources.get(dataset.id);
  checkLenders(caller, { dataset, stored, input });
  if (input.eventBucket !== before.eventBucket) checkEventBucket(caller, input);
  const settings = { ...dataset.settings, input };
  await followInput(
    { dataset, input },
    () => deps.datasets.replaceSettings(dataset.id, settings, dataset.settingsVersion),
    deps,
  );
  return input;
}

/** What is no field at all stays, so that it is told. */
const withFields = (before: InputSettings, fields: object): object => {
  const all = { ...before, ...fields };
  const isDefault = ([name, value]: [string, unknown]) =>
    value === null && Object.hasOwn(inputSettings.shape, name);
  return Object.fromEntries(Object.entries(all).filter((entry) => !isDefault(entry)));
};

/** What the schema can't tell. @throws InvalidInputError that names the field */
export function checkInputSettings(input: InputSettings): void {
  checkInputFilter(input);
  if (input.inventory === undefined) return;
  try {
    s3LocationOf(input.inventory);
  } catch (cause) {
    throw new InvalidInputError(
      "Settings are not valid. input.inventory: expected 's3://bucket/prefix/source-bucket/configuration/'",
      { cause },
    );
  }
}

/**
 * Whoever owns a dataset must not have what somebody else has lent to it used in another way: sent to another server, at
 * their cost, or for another bucket.
 */
function checkLenders(
  caller: User,
  change: {
    readonly dataset: Dataset;
    readonly stored: DatasetDatasources | undefined;
    readonly input: InputSettings;
  },
): void {
  const { dataset, stored, input } = change;
  const changed = changedOf(LENT_FIELDS, dataset.settings.input, input);
  if (changed === undefined) return;
  const lender = lenderIn(stored, dataset);
  if ((stored?.configs ?? []).every((config) => mayUse(caller, lender(config)))) return;
  throw new ForbiddenError(
    `input.${changed} can't be changed: it says how credentials are used that another user has lent to the dataset. ` +
      'Ask an administrator of the team.',
  );
}

/**
 * Writes settings, and has what depends on their `input` follow: which buckets events come from, what was found out about
 * the datasources where they are asked in another way, and what is taken in.
 */
export async function followInput(
  { dataset, input }: { readonly dataset: Dataset; readonly input: InputSettings },
  write: () => Promise<void>,
  deps: FollowInputDeps,
): Promise<void> {
  const stored = await deps.datasources.get(dataset.id);
  const after = { ...dataset, settings: { ...dataset.settings, input } };
  const [left, used] = [reportingBuckets(dataset, stored), reportingBuckets(after, stored)];
  const change = () => write().then(() => true);
  await followBuckets({ datasetId: dataset.id, before: left, after: used }, change, deps);
  if (changedOf(ACCESS_FIELDS, dataset.settings.input, input) !== undefined) {
    await deps.datasourceStates.forget(dataset.id, stored?.version ?? 0);
  }
  const placeOf = (of: Dataset) => placeDigestOf(datasourceOf(of, stored, 'INPUT'));
  const isMoved = placeOf(dataset) !== placeOf(after);
  // One that is under way began with the settings before.
  const message: SyncMessage = { datasetId: dataset.id, work: 'compare', askedAt: deps.now() };
  await deps.syncQueue?.send({ ...message, ...(isMoved && { thorough: true }) });
}
