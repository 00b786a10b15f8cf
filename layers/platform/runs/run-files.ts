import type { LogLine, Upload } from '#contracts/run-files';
import type { ObjectId } from '#contracts/schema';

/** Artifacts that other workers than the built-in one upload, as they are kept. */
export interface UploadStore {
  /**
   * Creates it; an unconfirmed one of the same file name is replaced. Returns the stored one, which is another one
   * where that is confirmed.
   */
  create(upload: Upload): Promise<Upload>;
  list(runId: ObjectId): Promise<Upload[]>;
  /** Does nothing where it is confirmed already, or is not there. */
  confirm(upload: Pick<Upload, 'runId' | 'fileName'>, at: number): Promise<void>;
}

/** The log of a run as it is kept: numbered lines, which never change. */
export interface RunLogStore {
  /** Appends lines, unless they are the last ones already: they were sent again. */
  append(runId: ObjectId, lines: readonly LogLine[]): Promise<void>;
  /** Lines from number `from` (0 is the first) on, about `limit` of them at most; none where there are no more. */
  read(runId: ObjectId, from: number, limit: number): Promise<LogLine[]>;
}
