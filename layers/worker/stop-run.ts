import { DatasourceError, InvalidInputError, RejectedError, WinnowError } from '#contracts/errors';
import type { ArtifactFile } from '#report/artifact-file';

/** Ends a run for a reason that a retry would only meet again. FAILED: a handled error. ABORTED: on purpose. */
export class StopRun extends WinnowError {
  readonly endState: 'FAILED' | 'ABORTED';
  /** What helps to find the reason, beside the log. */
  readonly files: readonly ArtifactFile[];

  constructor(
    endState: 'FAILED' | 'ABORTED',
    message: string,
    files: readonly ArtifactFile[] = [],
    options?: ErrorOptions,
  ) {
    super(`RUN_${endState}`, message, options);
    this.endState = endState;
    this.files = files;
  }
}

/** Ends a run that somebody asked to cancel. */
export const canceled = (): StopRun =>
  new StopRun('ABORTED', 'Canceled on request; its images are left for another run.');

/**
 * What `work` comes to. Input that is at fault ends the run, for a retry would only meet it again; a datasource that refuses
 * will be put right.
 *
 * @throws StopRun FAILED in place of an InvalidInputError that is no DatasourceError
 */
export async function failingByInvalidInput<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DatasourceError) throw error;
    // A file that the run is to read, and that has to be brought back from an archive first, is input too.
    if (!(error instanceof InvalidInputError || error instanceof RejectedError)) throw error;
    throw new StopRun('FAILED', error.message, [], { cause: error });
  }
}
