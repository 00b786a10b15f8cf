import { WinnowError } from '#contracts/errors';

/** What a command ends with; scripts rely on them. */
export const EXIT = {
  OK: 0,
  FAILED: 1,
  CALLED_WRONGLY: 2,
  NOT_FOUND: 3,
  NOT_ALLOWED: 4,
  CONFLICT: 5,
  RUN_FAILED: 6,
  /** As shells have it. */
  INTERRUPTED: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A run that was watched has ended otherwise than completed. */
export class RunFailedError extends WinnowError {
  constructor(message: string) {
    super('RUN_FAILED', message);
  }
}

/** The command did what it could, and some of its files failed: they have been named. */
export class IncompleteError extends WinnowError {
  constructor(message: string) {
    super('INCOMPLETE', message);
  }
}

const OF_CODES: Readonly<Record<string, ExitCode>> = {
  INVALID_INPUT: EXIT.CALLED_WRONGLY,
  NOT_FOUND: EXIT.NOT_FOUND,
  UNAUTHORIZED: EXIT.NOT_ALLOWED,
  FORBIDDEN: EXIT.NOT_ALLOWED,
  CONFLICT: EXIT.CONFLICT,
  RUN_FAILED: EXIT.RUN_FAILED,
  INTERRUPTED: EXIT.INTERRUPTED,
};

/** Of an error that Winnow itself throws. */
export const exitCodeOf = ({ code }: WinnowError): ExitCode => OF_CODES[code] ?? EXIT.FAILED;

const OF_STATUSES: Readonly<Record<number, ExitCode>> = {
  400: EXIT.CALLED_WRONGLY,
  401: EXIT.NOT_ALLOWED,
  402: EXIT.NOT_ALLOWED,
  403: EXIT.NOT_ALLOWED,
  404: EXIT.NOT_FOUND,
  409: EXIT.CONFLICT,
  413: EXIT.CALLED_WRONGLY,
};

/** Of an answer of the API. */
export const exitCodeOfStatus = (status: number): ExitCode => OF_STATUSES[status] ?? EXIT.FAILED;
