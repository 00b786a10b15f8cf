/** Base of every error that the client throws by itself. An aborted call rejects with the reason of its signal. */
export class ApiWorkflowError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The server refused a request, or failed. */
export class ApiError extends ApiWorkflowError {
  /** HTTP status. */
  readonly status: number;
  /** Of the protocol: `DATASET_UNKNOWN` for example. Undefined where the answer is not the protocol's. */
  readonly code: string | undefined;
  /** Finds the request in the server's log. */
  readonly requestId: string | undefined;
  /** As in the contract: `create_dataset`. */
  readonly operation: string;
  /** What is wrong and what helps, in the words of the server. */
  readonly reason: string;

  constructor(operation: string, status: number, answer: ErrorAnswer) {
    const reason = answer.error ?? 'The answer gives no reason.';
    const request = answer.requestId ? ` (request ${answer.requestId})` : '';
    super(
      `${operation} was answered with ${status}${answer.code ? ` ${answer.code}` : ''}: ${reason}${request}`,
    );
    this.operation = operation;
    this.reason = reason;
    this.status = status;
    this.code = answer.code;
    this.requestId = answer.requestId;
  }
}

/** What an answer says of an error. */
export interface ErrorAnswer {
  readonly code?: string | undefined;
  readonly error?: string | undefined;
  readonly requestId?: string | undefined;
}

/** The dataset does not exist, or does not any more. */
export class DatasetNotFoundError extends ApiError {}

/** The server was not reached, broke the connection or took too long. */
export class ConnectionError extends ApiWorkflowError {}

/** A datasource refused to be listed: the message says what to do. It is tried again once that is done. */
export class SyncFailedError extends ApiWorkflowError {}

/** A file could not be read from, or written to, the storage. Its signed URL is a secret and not named. */
export class TransferError extends ApiWorkflowError {
  /** HTTP status of the storage. */
  readonly status: number;

  constructor(what: string, status: number) {
    super(`${what} was answered with ${status} by the storage.`);
    this.status = status;
  }
}

/** A call was repeated until it could not be any more; `cause` is the last error. */
export class MaxRetryError extends ApiWorkflowError {
  readonly attempts: number;

  constructor(attempts: number, cause: Error) {
    super(`Given up after ${attempts} attempts: ${cause.message}`, { cause });
    this.attempts = attempts;
  }
}

/** The client's options, or the config of a worker, are not valid. */
export class InvalidConfigurationError extends ApiWorkflowError {}

/** An argument does not fit the others, or what is on the server. */
export class InvalidArgumentError extends ApiWorkflowError {}

/** No dataset has this name. */
export class DatasetDoesNotExistError extends ApiWorkflowError {}

/** The dataset has no tag of this name. */
export class TagDoesNotExistError extends ApiWorkflowError {}

/** The dataset has no embedding of this name. */
export class EmbeddingDoesNotExistError extends ApiWorkflowError {}

/** The run has no artifact of this type. */
export class ArtifactNotExistError extends ApiWorkflowError {}

/** A job on the server has failed. */
export class JobFailedError extends ApiWorkflowError {}

/** A file name from the server leads out of the folder that it was to be written to. */
export class UnsafeFileNameError extends ApiWorkflowError {}

/** A local image can't be decoded. */
export class ImageError extends ApiWorkflowError {}
