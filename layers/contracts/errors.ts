import type { ApiErrorCode } from './protocol/types.gen.ts';

/**
 * One base class for everything Winnow throws on purpose. `code` is stable and is what callers, metrics and
 * records use; `message` is for people and may change.
 */
export class WinnowError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Why an image was refused. The image is at fault: it is recorded and the message succeeds. */
export const REJECTION_CODES = [
  'CORRUPT',
  'UNSUPPORTED_FORMAT',
  'TOO_MANY_BYTES',
  'TOO_MANY_PIXELS',
  'EMPTY',
  /** In a storage class that has to be restored before it can be read. */
  'ARCHIVED',
] as const;
export type RejectionCode = (typeof REJECTION_CODES)[number];

/** The input is at fault. Retrying can't help. */
export class RejectedError extends WinnowError {
  declare readonly code: RejectionCode;

  constructor(code: RejectionCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** The world is at fault (a service, the network, another worker). Throw it and let SQS retry. */
export class RetryableError extends WinnowError {}

/**
 * Another worker is doing this very work. The message is only needed should that worker die, so it comes back after
 * the queue's whole visibility timeout.
 */
export class InProgressError extends RetryableError {
  constructor(message: string) {
    super('IN_PROGRESS', message);
  }
}

export interface ApiErrorOptions extends ErrorOptions {
  /** What the protocol calls this error, where it has a name that says more than the class does. */
  readonly apiCode?: ApiErrorCode;
}

/** An error that a caller of the API brought about. */
abstract class CallerError extends WinnowError {
  readonly apiCode: ApiErrorCode | undefined;

  constructor(code: string, message: string, { apiCode, ...options }: ApiErrorOptions = {}) {
    super(code, message, options);
    this.apiCode = apiCode;
  }
}

/** A request that can't be carried out as given: names the field and what is allowed. */
export class InvalidInputError extends CallerError {
  constructor(message: string, options?: ApiErrorOptions) {
    super('INVALID_INPUT', message, options);
  }
}

/** What the owner of a datasource has to put right. */
export const DATASOURCE_PROBLEM_CODES = [
  /** The role can't be assumed: it is gone, does not trust Winnow, or asks for another external ID. */
  'ROLE_NOT_ASSUMABLE',
  'ROLE_WITHOUT_EXTERNAL_ID',
  'CREDENTIALS_INVALID',
  'NO_SUCH_BUCKET',
  'OTHER_REGION',
  /** The bucket belongs to another account than the one it should. */
  'OTHER_OWNER',
  'KMS_DENIED',
  /** Everything else that a policy forbids. */
  'DENIED',
  /** Nothing answers where the datasource should be. */
  'UNREACHABLE',
  /** Something else about the configuration. */
  'MISCONFIGURED',
  /** Nothing is wrong as far as that is known: there was nothing yet that it could be tried with. */
  'UNTRIED',
] as const;
export type DatasourceProblemCode = (typeof DATASOURCE_PROBLEM_CODES)[number];

/** `datasource`: nothing in it can be reached. `object`: that one can't, and perhaps others. */
export const DATASOURCE_PROBLEM_SCOPES = ['datasource', 'object'] as const;
export type DatasourceProblemScope = (typeof DATASOURCE_PROBLEM_SCOPES)[number];

/**
 * A datasource can't be used as it is configured; its owner has to put that right. `problem` says what was asked and
 * refused; the message says what to do. No secrets, and nothing that the service said.
 */
export class DatasourceError extends InvalidInputError {
  readonly problem: {
    readonly code: DatasourceProblemCode;
    readonly scope: DatasourceProblemScope;
    /** As IAM has it: `s3:GetObject`. */
    readonly action: string;
    /** ARN or URL of what was asked. */
    readonly resource: string;
    /** The file that was asked for, relative to the datasource, where that is known. */
    readonly fileName?: string;
    /** A policy denies it explicitly: nothing that others allow helps. */
    readonly isForbidden?: true;
  };

  constructor(message: string, problem: DatasourceError['problem'], options?: ErrorOptions) {
    super(message, { ...options, apiCode: 'DATASET_DATASOURCE_CREDENTIALS_ERROR' });
    this.problem = problem;
  }
}

/** The request has no token, or one that is unknown, expired or revoked. */
export class UnauthorizedError extends CallerError {
  constructor(message: string, options?: ApiErrorOptions) {
    super('UNAUTHORIZED', message, options);
  }
}

/** The caller is known and may not do this. */
export class ForbiddenError extends CallerError {
  constructor(message: string, options?: ApiErrorOptions) {
    super('FORBIDDEN', message, options);
  }
}

/** More bytes than a request may have. */
export class PayloadTooLargeError extends CallerError {
  constructor(message: string, options?: ApiErrorOptions) {
    super('PAYLOAD_TOO_LARGE', message, options);
  }
}

/** What the protocol calls things that do not exist. */
const UNKNOWN_CODES: Readonly<Record<string, ApiErrorCode>> = {
  'access config': 'ACCESS_CONTROL_UNKNOWN',
  artifact: 'DOCKER_RUN_ARTIFACT_UNKNOWN',
  dataset: 'DATASET_UNKNOWN',
  datasource: 'DATASET_DATASOURCE_UNKNOWN',
  embedding: 'EMBEDDING_UNKNOWN',
  'embedding 2d': 'EMBEDDING_2D_UNKNOWN',
  job: 'JOB_UNKNOWN',
  'metadata configuration': 'METADATA_CONFIGURATION_UNKNOWN',
  'prediction task schema': 'PREDICTION_TASK_SCHEMA_UNKNOWN',
  'report of run': 'DOCKER_RUN_REPORT_UNAVAILABLE',
  run: 'DOCKER_RUN_UNKNOWN',
  sample: 'SAMPLE_UNKNOWN',
  'scheduled run': 'DOCKER_WORKER_SCHEDULE_UNKNOWN',
  score: 'SCORE_UNKNOWN',
  'thumbnail of sample': 'SAMPLE_THUMBNAME_UNKNOWN',
  tag: 'TAG_UNKNOWN',
  team: 'TEAM_UNKNOWN',
  'uploaded artifact': 'DOCKER_RUN_ARTIFACT_UNAVAILABLE',
  user: 'USER_NOT_KNOWN',
  worker: 'DOCKER_WORKER_UNKNOWN',
  'worker config': 'DOCKER_WORKER_CONFIG_UNKNOWN',
};

/** Something named by its id or name does not exist. */
export class NotFoundError extends CallerError {
  /** @param what in words, as {@link UNKNOWN_CODES} has them where the protocol has a code */
  constructor(what: string, id: string) {
    const apiCode = UNKNOWN_CODES[what];
    super('NOT_FOUND', `There is no ${what} '${id}'.`, apiCode && { apiCode });
  }
}

/** What is there does not allow the change: a name is taken, an item was changed first, something is in use. */
export class ConflictError extends CallerError {
  constructor(message: string, options?: ApiErrorOptions) {
    super('CONFLICT', message, options);
  }
}
