import { CommanderError } from 'commander';
import { WinnowError } from '#contracts/errors';
import {
  ApiError,
  ApiWorkflowError,
  ArtifactNotExistError,
  ConnectionError,
  DatasetDoesNotExistError,
  EmbeddingDoesNotExistError,
  InvalidArgumentError,
  InvalidConfigurationError,
  MaxRetryError,
  TagDoesNotExistError,
} from '../client/index.ts';
import { EXIT, type ExitCode, exitCodeOf, exitCodeOfStatus } from './exit-codes.ts';
import { printable } from './printable.ts';

/** How a command ends with an error. */
export interface Ending {
  readonly exitCode: ExitCode;
  /** One line for people; undefined where there is nothing more to say. */
  readonly message: string | undefined;
  /** Whether nobody has foreseen it, so that its stack says more. */
  readonly isUnexpected: boolean;
}

/** What an error means to whoever gave the command. */
export function endingOf(error: unknown): Ending {
  if (error instanceof CommanderError) {
    // Commander has printed what was wrong, or the help that was asked for.
    return expected(error.exitCode === 0 ? EXIT.OK : EXIT.CALLED_WRONGLY, undefined);
  }
  if (error instanceof WinnowError) {
    const exitCode = exitCodeOf(error);
    return expected(exitCode, exitCode === EXIT.INTERRUPTED ? undefined : error.message);
  }
  if (error instanceof ApiWorkflowError) return endingOfClient(error);
  if (isFileError(error)) {
    return expected(WRONG_FILES.has(error.code) ? EXIT.CALLED_WRONGLY : EXIT.FAILED, error.message);
  }
  return { exitCode: EXIT.FAILED, message: String(error), isUnexpected: true };
}

const MISSING = [
  DatasetDoesNotExistError,
  TagDoesNotExistError,
  EmbeddingDoesNotExistError,
  ArtifactNotExistError,
];

function endingOfClient(error: ApiWorkflowError): Ending {
  const cause = error instanceof MaxRetryError && error.cause instanceof ApiError ? error.cause : error;
  if (cause instanceof ApiError) return expected(exitCodeOfStatus(cause.status), messageOf(cause));
  if (MISSING.some((Missing) => cause instanceof Missing)) return expected(EXIT.NOT_FOUND, cause.message);
  if (cause instanceof InvalidArgumentError || cause instanceof InvalidConfigurationError) {
    return expected(EXIT.CALLED_WRONGLY, cause.message);
  }
  if (cause instanceof ConnectionError || cause.cause instanceof ConnectionError) {
    return expected(
      EXIT.FAILED,
      `${cause.message.replace(/[.]?$/, '.')} Check the URL of the API and the network.`,
    );
  }
  return expected(EXIT.FAILED, cause.message);
}

function messageOf({ reason, requestId }: ApiError): string {
  return `${reason}${requestId === undefined ? '' : ` (request ${requestId})`}`;
}

/** Errors of the file system that are about the path that was given. */
const WRONG_FILES: ReadonlySet<string | undefined> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'EACCES',
  'EEXIST',
]);

const isFileError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'path' in error;

const expected = (exitCode: ExitCode, message: string | undefined): Ending => ({
  exitCode,
  message: message && printable(message),
  isUnexpected: false,
});
