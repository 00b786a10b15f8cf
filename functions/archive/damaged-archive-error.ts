import { RetryableError } from '#contracts/errors';

/** Bytes on their way to or in the archive are not those that were recorded. Writing it again may help. */
export class DamagedArchiveError extends RetryableError {
  constructor(message: string, options?: ErrorOptions) {
    super('DAMAGED_ARCHIVE', message, options);
  }
}
