import { InvalidInputError } from '#contracts/errors';
import type { Datasource } from '#platform/datasources/datasources';
import { askService, errorNameOf, statusOf } from './service-errors.ts';

/** What was asked of a bucket that is not Winnow's own. */
export interface DatasourceRequest {
  /** As IAM has it: `s3:ListBucket`. */
  readonly action: string;
  /** ARN of the bucket or of the objects. */
  readonly resource: string;
}

const UNKNOWN_CREDENTIALS = new Set(['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidToken']);
const OTHER_REGION = new Set(['PermanentRedirect', 'TemporaryRedirect', 'AuthorizationHeaderMalformed']);

/**
 * Carries out a request to a bucket that a dataset's owner configured.
 *
 * @throws InvalidInputError for what the owner has to put right: what was refused, and the remedy. Nothing that S3
 * said is repeated. RetryableError for what may pass. A 404 of an object is thrown as it came.
 */
export async function askDatasource<T>(
  { config }: Datasource,
  request: DatasourceRequest,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    const reason = reasonOf(cause, request, holderOf(config));
    if (reason !== undefined) {
      throw new InvalidInputError(reason, { apiCode: 'DATASET_DATASOURCE_CREDENTIALS_ERROR', cause });
    }
    return askService({ operation: request.action, resource: request.resource }, () => Promise.reject(cause));
  }
}

function holderOf(config: Datasource['config']): string {
  if (config.type === 'S3DelegatedAccess') return `the role ${config.s3ARN}`;
  if (config.type === 'S3') return `the user of the access key ${config.s3AccessKeyId}`;
  return 'Winnow';
}

function reasonOf(
  cause: unknown,
  { action, resource }: DatasourceRequest,
  holder: string,
): string | undefined {
  const name = errorNameOf(cause) ?? '';
  if (name === 'NoSuchBucket') return `The bucket of ${resource} does not exist. Correct fullPath.`;
  if (UNKNOWN_CREDENTIALS.has(name)) {
    return `The credentials of ${holder} are not valid. Set the datasource again with a valid access key and secret.`;
  }
  if (OTHER_REGION.has(name) || statusOf(cause) === 301) {
    return `The bucket of ${resource} is in another region. Correct s3Region.`;
  }
  if (name === 'InvalidObjectState') {
    return `An object of ${resource} is in an archive storage class. Restore it, or leave it out.`;
  }
  if (name.startsWith('KMS.')) return `The KMS key of ${resource} can't be used. Enable it for ${holder}.`;
  if (statusOf(cause) === 403) {
    return (
      `${action} on ${resource} was denied. Allow it to ${holder}, in its policy and in the bucket's, and the use of ` +
      'the KMS key where the bucket has one.'
    );
  }
  return undefined;
}
