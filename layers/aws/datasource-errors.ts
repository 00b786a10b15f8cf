import { DatasourceError, RejectedError } from '#contracts/errors';
import { accessFieldOf } from '#platform/datasources/datasources';
import { namedServerOf } from '#platform/datasources/store-traits';
import { denialIn } from './denial.ts';
import type { S3Datasource } from './s3-datasource.ts';
import {
  askService,
  errorNameOf,
  isNetworkFailure,
  isPassing,
  type ServiceRequest,
  statusOf,
} from './service-errors.ts';

/** What was asked of a bucket that is not Winnow's own. */
export interface DatasourceRequest {
  /** As IAM has it: `s3:ListBucket`. */
  readonly action: string;
  /** ARN of the bucket or of the objects; their URL, where they are not on AWS. */
  readonly resource: string;
}

const UNKNOWN_CREDENTIALS = new Set(['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidToken']);
const OTHER_REGION = new Set([
  'PermanentRedirect',
  'TemporaryRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
]);
const NO_SUCH_BUCKET = new Set(['NoSuchBucket', 'NoSuchAccessPoint', 'InvalidBucketName']);

/** True where nothing at all is where a datasource should be; a 404 then says nothing of a file. */
export const isBucketGone = (error: unknown): boolean => NO_SUCH_BUCKET.has(errorNameOf(error) ?? '');

/**
 * Carries out a request to a bucket that a dataset's owner configured.
 *
 * @throws DatasourceError for what the owner has to put right: what was refused, and the remedy. Nothing that S3
 * said is repeated. RejectedError for an object in an archive. RetryableError for what may pass. A 404 of an object is
 * thrown as it came.
 */
export async function askDatasource<T>(
  datasource: Pick<S3Datasource, 'config' | 'access'>,
  request: DatasourceRequest,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (cause instanceof DatasourceError) throw cause;
    if (errorNameOf(cause) === 'InvalidObjectState') throw archived(cause);
    if (isOwnKeyNeeded(cause, request)) throw locked(cause);
    const told = isPassing(cause) ? undefined : problemIn(cause, request, datasource);
    const found = told ?? unreachableProblem(cause, datasource);
    if (found) throw new DatasourceError(found.reason, { ...request, ...found.problem }, { cause });
    return askService({ operation: request.action, resource: request.resource }, () => Promise.reject(cause));
  }
}

/** Carries out a request to one of Winnow's own buckets. @throws RejectedError for an object in an archive; else as {@link askService} */
export async function askOwnBucket<T>(request: ServiceRequest, ask: () => Promise<T>): Promise<T> {
  try {
    return await askService(request, ask);
  } catch (error) {
    throw errorNameOf(error) === 'InvalidObjectState' ? archived(error) : error;
  }
}

function holderOf(config: S3Datasource['config']): string {
  if (config.type === 'S3DelegatedAccess') return `the role ${config.s3ARN}`;
  if (config.type === 'S3') return `the user of the access key ${config.s3AccessKeyId}`;
  return 'Winnow';
}

const archived = (cause: unknown): RejectedError =>
  new RejectedError('ARCHIVED', 'It is in an archive storage class. Restore it, and it will be read.', {
    cause,
  });

/** SSE-C: whoever reads has to have the key that whoever wrote it had. */
const isOwnKeyNeeded = (cause: unknown, { action }: DatasourceRequest): boolean =>
  action === 's3:GetObject' &&
  errorNameOf(cause) === 'InvalidRequest' &&
  cause instanceof Error &&
  /server side encryption/i.test(cause.message);

const locked = (cause: unknown): RejectedError =>
  new RejectedError(
    'UNSUPPORTED_FORMAT',
    'It is encrypted with a key that only its writer has (SSE-C). Put it again without, or with a KMS key.',
    { cause },
  );

type Problem = DatasourceError['problem'];
interface Refusal {
  readonly problem: Pick<Problem, 'code' | 'scope'> & Partial<Problem>;
  readonly reason: string;
}
const refusal = (
  code: Problem['code'],
  scope: Problem['scope'],
  reason: string,
  action?: string,
): Refusal => ({ problem: { code, scope, ...(action !== undefined && { action }) }, reason });

/** What an answer says of an object, to whoever asked for it. */
const MEANT = new Set([404, 405, 408, 409, 412, 416, 429]);

function problemIn(
  cause: unknown,
  request: DatasourceRequest,
  datasource: Pick<S3Datasource, 'config' | 'access'>,
): Refusal | undefined {
  const { config } = datasource;
  const name = errorNameOf(cause) ?? '';
  const status = statusOf(cause);
  const { action, resource } = request;
  if (NO_SUCH_BUCKET.has(name) || (status === 404 && action === 's3:ListBucket')) {
    const reason = `The bucket of ${resource} does not exist. Correct fullPath.`;
    return refusal('NO_SUCH_BUCKET', 'datasource', reason);
  }
  if (UNKNOWN_CREDENTIALS.has(name)) return refusal('CREDENTIALS_INVALID', 'datasource', notValid(config));
  if (OTHER_REGION.has(name) || status === 301 || status === 307) {
    const reason = `The bucket of ${resource} is in another region. Correct s3Region.`;
    return refusal('OTHER_REGION', 'datasource', reason);
  }
  if (name.startsWith('KMS.') || (status === 403 && isAboutKms(cause))) {
    return unlessForbidden(keyDenied(request, holderOf(config)), request, cause);
  }
  if (status === 403) {
    return unlessForbidden(denied(request, datasource), request, cause);
  }
  return status !== undefined && status >= 400 && status < 500 && !MEANT.has(status)
    ? notTaken(request)
    : undefined;
}

function notValid(config: S3Datasource['config']): string {
  const holder = holderOf(config);
  if (config.type !== 'S3DelegatedAccess') {
    return `The credentials of ${holder} are not valid. Set the datasource again with a valid access key and secret.`;
  }
  return (
    `S3 in ${config.s3Region} does not accept sessions of ${holder}. Correct s3Region, or enable that region in the ` +
    'account of the role.'
  );
}

/** A bucket's name may hold `kms` too, and S3 repeats names. */
const isAboutKms = (cause: unknown): boolean =>
  denialIn(cause).action?.startsWith('kms:') ??
  (cause instanceof Error &&
    /\bkms:|\bKMS key|\bAWS KMS|key management|ciphertext refers/i.test(cause.message));

/** What a policy denies explicitly stays denied, whatever is allowed elsewhere. */
function unlessForbidden(told: Refusal, { action, resource }: DatasourceRequest, cause: unknown): Refusal {
  const { forbiddenBy } = denialIn(cause);
  if (forbiddenBy === undefined) return told;
  const reason =
    `${told.problem.action ?? action} on ${resource} was denied: ${forbiddenBy} forbids it explicitly, so that no ` +
    'other policy can allow it. Change that one.';
  return { problem: { ...told.problem, isForbidden: true }, reason };
}

function keyDenied({ action, resource }: DatasourceRequest, holder: string): Refusal {
  const use = action === 's3:PutObject' ? 'kms:GenerateDataKey' : 'kms:Decrypt';
  const reason =
    `The KMS key of ${resource} can't be used. Enable it, and allow ${use} to ${holder}, in its policy and, where the ` +
    "key is of another account, in the key's.";
  return refusal('KMS_DENIED', 'object', reason, use);
}

function denied(
  { action, resource }: DatasourceRequest,
  datasource: Pick<S3Datasource, 'config' | 'access'>,
): Refusal {
  const scope = action === 's3:ListBucket' ? 'datasource' : 'object';
  const reason =
    `${action} on ${resource} was denied. Allow it to ${holderOf(datasource.config)}, in its policy and in the bucket's, and the use of ` +
    'the KMS key where the bucket has one.';
  const setting = accessFieldOf(datasource, 'requesterPays');
  const ofPayer = datasource.access.requesterPays
    ? ''
    : ` Of a bucket whose requesters pay, set ${setting} of the dataset.`;
  return refusal('DENIED', scope, reason + ofPayer);
}

/** Without this, a message would come again until it rests in a dead-letter queue, which nobody else can put right. */
function notTaken({ action, resource }: DatasourceRequest): Refusal {
  const scope = action === 's3:ListBucket' ? 'datasource' : 'object';
  const reason =
    `${action} on ${resource} was not taken for a request that can be right, whatever its permissions. Check fullPath, ` +
    's3Region and the settings of the bucket.';
  return refusal('MISCONFIGURED', scope, reason);
}

const UNTRUSTED = /CERT|TLS|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)|EPROTO/;

/**
 * Where AWS does not answer, that passes. An endpoint that somebody has named may be wrong or gone for good, so after the
 * tries of the client that is theirs to put right; and it is tried again like everything that is.
 */
function unreachableProblem(
  cause: unknown,
  datasource: Pick<S3Datasource, 'config' | 'access'>,
): Refusal | undefined {
  const endpoint = namedServerOf(datasource);
  if (endpoint === undefined) return undefined;
  const code = String((cause as { code?: unknown } | undefined)?.code ?? '');
  const status = statusOf(cause);
  if (UNTRUSTED.test(code)) {
    const reason = `The certificate of ${endpoint} can't be trusted. Give it one of a public authority for this name.`;
    return refusal('UNREACHABLE', 'datasource', reason);
  }
  if (isNetworkFailure(cause) || status === 502 || status === 504) {
    const reason = `Nothing answers at ${endpoint}. Correct the endpoint of the datasource, or see that it can be reached.`;
    return refusal('UNREACHABLE', 'datasource', reason);
  }
  if (isUnreadable(cause, code)) {
    const reason = `What answers at ${endpoint} does not speak the protocol of S3. Correct the endpoint of the datasource.`;
    return refusal('MISCONFIGURED', 'datasource', reason);
  }
  return undefined;
}

/**
 * An answer that tells of no refusal and can't be read: it is another protocol, leads elsewhere, or is what takes readers of
 * XML apart. Where a proxy tells of a failure in words of its own, its status says enough.
 */
const isUnreadable = (cause: unknown, code: string): boolean => {
  const status = statusOf(cause);
  if (status !== undefined) return status < 400;
  return code.startsWith('HPE_') || UNEXPECTED.some((type) => cause instanceof type);
};
const UNEXPECTED = [TypeError, RangeError, SyntaxError, URIError];
