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

/** A request that can't be carried out as given: names the field and what is allowed. */
export class InvalidInputError extends WinnowError {
  constructor(message: string, options?: ErrorOptions) {
    super('INVALID_INPUT', message, options);
  }
}

/** Something named by its id or name does not exist. */
export class NotFoundError extends WinnowError {
  constructor(what: string, id: string) {
    super('NOT_FOUND', `There is no ${what} '${id}'.`);
  }
}

/** Somebody else changed the item first; read it again and decide anew. */
export class ConflictError extends WinnowError {
  constructor(message: string, options?: ErrorOptions) {
    super('CONFLICT', message, options);
  }
}
