import { DatasourceError, RejectedError } from '#contracts/errors';
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
 * @throws DatasourceError for what the owner has to put right: what was refused, and the remedy. Nothing that S3
 * said is repeated. RejectedError for an object in an archive. RetryableError for what may pass. A 404 of an object is
 * thrown as it came.
 */
export async function askDatasource<T>(
  { config }: Datasource,
  request: DatasourceRequest,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (errorNameOf(cause) === 'InvalidObjectState') throw archived(cause);
    const found = problemIn(cause, request, holderOf(config));
    if (found) throw new DatasourceError(found.reason, { ...request, ...found.problem }, { cause });
    return askService({ operation: request.action, resource: request.resource }, () => Promise.reject(cause));
  }
}

function holderOf(config: Datasource['config']): string {
  if (config.type === 'S3DelegatedAccess') return `the role ${config.s3ARN}`;
  if (config.type === 'S3') return `the user of the access key ${config.s3AccessKeyId}`;
  return 'Winnow';
}

const archived = (cause: unknown): RejectedError =>
  new RejectedError('ARCHIVED', 'It is in an archive storage class. Restore it, and it will be read.', {
    cause,
  });

interface FoundProblem {
  readonly problem: Pick<DatasourceError['problem'], 'code' | 'scope'>;
  readonly reason: string;
}
const found = (
  code: DatasourceError['problem']['code'],
  scope: DatasourceError['problem']['scope'],
  reason: string,
): FoundProblem => ({ problem: { code, scope }, reason });

function problemIn(
  cause: unknown,
  { action, resource }: DatasourceRequest,
  holder: string,
): FoundProblem | undefined {
  const name = errorNameOf(cause) ?? '';
  if (name === 'NoSuchBucket') {
    return found(
      'NO_SUCH_BUCKET',
      'datasource',
      `The bucket of ${resource} does not exist. Correct fullPath.`,
    );
  }
  if (UNKNOWN_CREDENTIALS.has(name)) {
    const remedy = 'Set the datasource again with a valid access key and secret.';
    return found(
      'CREDENTIALS_INVALID',
      'datasource',
      `The credentials of ${holder} are not valid. ${remedy}`,
    );
  }
  if (OTHER_REGION.has(name) || statusOf(cause) === 301) {
    return found(
      'OTHER_REGION',
      'datasource',
      `The bucket of ${resource} is in another region. Correct s3Region.`,
    );
  }
  if (name.startsWith('KMS.')) {
    return found(
      'KMS_DENIED',
      'object',
      `The KMS key of ${resource} can't be used. Enable it, and allow its use to ${holder}.`,
    );
  }
  if (statusOf(cause) === 403) {
    const reason =
      `${action} on ${resource} was denied. Allow it to ${holder}, in its policy and in the bucket's, and the use of ` +
      'the KMS key where the bucket has one.';
    return found('DENIED', action === 's3:ListBucket' ? 'datasource' : 'object', reason);
  }
  return undefined;
}
