import { type DatasourceConfig, LONGEST_DATASOURCE_FIELD } from '#contracts/datasources';
import { InvalidInputError } from '#contracts/errors';
import { containerOf, isAtOrBelow } from '../location.ts';

/** Shown instead of a secret. A program that sends back what it has read sends this, and means the kept secret. */
const MASKED_SECRET = '********';

/** Which field is secret, and which others say whose secret it is: it is kept for the same ones only. */
interface SecretField {
  readonly secret: string;
  readonly owner: readonly string[];
}

/** Of every type: one that is left out would be shown with its secret. */
const SECRETS: { readonly [Type in DatasourceConfig['type']]: SecretField | undefined } = {
  LIGHTLY: undefined,
  S3DelegatedAccess: undefined,
  LOCAL: undefined,
  S3: { secret: 's3SecretAccessKey', owner: ['s3AccessKeyId'] },
  GCS: { secret: 'gcsCredentials', owner: ['gcsProjectId'] },
  AZURE: { secret: 'accountKey', owner: ['accountName'] },
  OBS: { secret: 'obsSecretAccessKey', owner: ['obsEndpoint', 'obsAccessKeyId'] },
};

const fieldOf = (config: DatasourceConfig, name: string): unknown =>
  (config as unknown as Readonly<Record<string, unknown>>)[name];

/** The config as anybody may see it. */
export function withoutSecret(config: DatasourceConfig): DatasourceConfig {
  const rule = SECRETS[config.type];
  return rule ? { ...config, [rule.secret]: MASKED_SECRET } : config;
}

/** Whether what the dataset has credentials for already covers what a config asks for. */
export type CoveredBy = (config: DatasourceConfig, kept: DatasourceConfig) => boolean;

/** For those whose credentials they are: anything in the same bucket. */
export const inSameContainer: CoveredBy = (config, kept) =>
  containerOf(config.fullPath) === containerOf(kept.fullPath);

/**
 * For those a dataset is shared with: no other folder than its owner chose, no writing where that was reading, and by the
 * same KMS key, for what is written by another can be read by whoever has that, and may not be by the owner.
 */
export const noMoreThan: CoveredBy = (config, kept) =>
  isAtOrBelow(config.fullPath, kept.fullPath) &&
  (kept.purpose === 'INPUT_OUTPUT' || kept.purpose === config.purpose) &&
  fieldOf(config, 's3ServerSideEncryptionKMSKey') === fieldOf(kept, 's3ServerSideEncryptionKMSKey');

/**
 * The config with the secret that is kept, where the mask stands for it. It has to be the secret of the same account
 * and bucket: otherwise whoever a dataset is shared with could point its owner's credentials to other data.
 *
 * @param kept the configs of the same dataset
 * @throws InvalidInputError where none is kept
 */
export function withKeptSecret(
  config: DatasourceConfig,
  kept: readonly DatasourceConfig[],
  isCovered: CoveredBy,
): DatasourceConfig {
  const rule = SECRETS[config.type];
  if (!rule || fieldOf(config, rule.secret) !== MASKED_SECRET) return config;
  const same = kept.find(
    (other) =>
      other.type === config.type &&
      isCovered(config, other) &&
      rule.owner.every((name) => fieldOf(other, name) === fieldOf(config, name)),
  );
  if (same) return { ...config, [rule.secret]: fieldOf(same, rule.secret) };
  throw new InvalidInputError(
    `${rule.secret} is the mask that stands for a secret which is kept, and none is kept for this bucket, path, KMS ` +
      `key and ${rule.owner.join(' and ')}. Send the secret itself.`,
    { apiCode: 'DATASET_DATASOURCE_CREDENTIALS_ERROR' },
  );
}

/** True where two configs are reached with the same key or role. */
export function isWithSameCredentials(config: DatasourceConfig, other: DatasourceConfig): boolean {
  const rule = SECRETS[config.type];
  const names = rule ? [rule.secret, ...rule.owner] : ['s3ARN', 's3ExternalId'];
  return config.type === other.type && names.every((name) => fieldOf(config, name) === fieldOf(other, name));
}

/** @throws InvalidInputError that names a field which is too long, and not its value */
export function checkFieldLengths(config: DatasourceConfig): void {
  for (const [name, value] of Object.entries(config)) {
    if (value.length <= LONGEST_DATASOURCE_FIELD) continue;
    throw new InvalidInputError(`${name} may have ${LONGEST_DATASOURCE_FIELD} characters.`, {
      apiCode: 'DATASET_DATASOURCE_INVALID',
    });
  }
}
