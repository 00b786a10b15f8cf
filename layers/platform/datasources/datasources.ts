import type { DatasetDatasources, DatasourceConfig, DatasourcePurpose } from '#contracts/datasources';
import type { DatasourceAccess, InputSettings } from '#contracts/input-settings';
import type { BucketPrefix, Dataset } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import { derivedObjectId } from '../derived-id.ts';
import { placeOf } from './location.ts';

/** Datasources as they are kept. A dataset that never had one configured has none here. */
export interface DatasourceStore {
  get(datasetId: ObjectId): Promise<DatasetDatasources | undefined>;
  /** One conditional write. False where the stored version is not the one before `datasources.version`. */
  replace(datasources: DatasetDatasources): Promise<boolean>;
}

/** Who may have Winnow assume a role. */
export interface DelegatedRoleStore {
  /** The role belongs to whoever asks first. @returns the user that it belongs to */
  claim(
    role: { readonly arn: string; readonly externalId: string },
    userId: ObjectId,
    at: number,
  ): Promise<ObjectId>;
  /** Gives a role to another user. Does nothing where it is not, or not any more, that of `from`. */
  pass(
    role: { readonly arn: string; readonly externalId: string },
    users: { readonly from: ObjectId; readonly to: ObjectId },
  ): Promise<void>;
}

/** What a datasource is used for: images are read from INPUT; `.lightly/` lives in LIGHTLY. */
export type DatasourceUse = 'INPUT' | 'LIGHTLY';
const DATASOURCE_USES: readonly DatasourceUse[] = ['INPUT', 'LIGHTLY'];

/** The one datasource of a dataset for a use. */
export interface Datasource {
  readonly id: ObjectId;
  readonly use: DatasourceUse;
  readonly config: DatasourceConfig;
  /**
   * Where it is: bucket and prefix, container and prefix of Azure, or the address and folder of a web server. An access
   * point stands as its ARN.
   */
  readonly place: BucketPrefix;
  /** How it is asked, beside what its config says. */
  readonly access: DatasourceAccess;
}

/** A datasource as its dataset has it at some moment. */
export interface VersionedDatasource extends Datasource {
  /** Counts the changes of the dataset's datasources; 0 before the first one. */
  readonly version: number;
}

const USUAL_ACCESS: DatasourceAccess = { requesterPays: false, pathStyle: false };

/** Stable: of a dataset and purpose, whatever is configured. */
const datasourceIdOf = (datasetId: ObjectId, purpose: DatasourcePurpose): ObjectId =>
  derivedObjectId('datasource', datasetId, purpose);

/** The config for exactly this purpose. */
export const configFor = (
  stored: DatasetDatasources | undefined,
  purpose: DatasourcePurpose,
): DatasourceConfig | undefined => stored?.configs.find((config) => config.purpose === purpose);

/** True where a dataset's images or results are in a bucket that its owner configured. */
export const isConfigured = ({ config }: Datasource): boolean => config.type !== 'LIGHTLY';

/**
 * The datasource for a use: the one configured for it, else the one for both, else Winnow's own buckets, which the
 * protocol calls type LIGHTLY.
 */
export function datasourceOf(
  dataset: Pick<Dataset, 'id' | 'landingFolder' | 'platformFolder' | 'settings'>,
  stored: DatasetDatasources | undefined,
  use: DatasourceUse,
): VersionedDatasource {
  const own = use === 'INPUT' ? dataset.landingFolder : dataset.platformFolder;
  const configured = configFor(stored, use) ?? configFor(stored, 'INPUT_OUTPUT');
  const config = configured ?? ({ type: 'LIGHTLY', purpose: use, fullPath: '' } as const);
  const id = datasourceIdOf(dataset.id, config.purpose);
  const { version = 0 } = stored ?? {};
  if (config.type === 'LIGHTLY') {
    const fullPath = `s3://${own.bucket}/${own.prefix}`;
    return { id, use, version, config: { ...config, fullPath }, place: own, access: USUAL_ACCESS };
  }
  const access = accessOf(config, dataset.settings.input);
  return { id, use, version, config, place: placeOf(config), access };
}

/** What is configured for both is asked as INPUT is. */
function accessOf({ purpose }: DatasourceConfig, input: InputSettings): DatasourceAccess {
  const asked = (purpose === 'LIGHTLY' ? input.lightly : undefined) ?? input;
  const { requesterPays, bucketOwner, endpoint, pathStyle } = asked;
  return {
    ...{ requesterPays, pathStyle },
    ...(bucketOwner !== undefined && { bucketOwner }),
    ...(endpoint !== undefined && { endpoint }),
  };
}

/** How a dataset's settings call what says how a datasource is asked. */
export const accessFieldOf = (
  { config }: Pick<Datasource, 'config'>,
  field: keyof DatasourceAccess,
): string => (config.purpose === 'LIGHTLY' ? `input.lightly.${field}` : `input.${field}`);

/**
 * Files this old (ms) belong to a dataset of the same name that was deleted: whoever has the name now has no business
 * with them. Undefined where there are none.
 */
export const leftByOthersUntil = (
  { landingSince }: Pick<Dataset, 'landingSince'>,
  datasource: Datasource,
): number | undefined => (datasource.use === 'INPUT' && !isConfigured(datasource) ? landingSince : undefined);

/** What a dataset's datasources are, at most one for each purpose: those configured, and Winnow's own for the rest. */
export function datasourcesOf(dataset: Dataset, stored: DatasetDatasources | undefined): Datasource[] {
  const [input, lightly] = DATASOURCE_USES.map((use) => datasourceOf(dataset, stored, use));
  const shown = [input, lightly].filter((datasource) => datasource !== undefined);
  return shown.filter(({ id }, at) => shown.findIndex((other) => other.id === id) === at);
}
