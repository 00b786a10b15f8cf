import type { DatasourceState, DatasourceVerification, FoundProblem } from '#contracts/datasource-state';
import type { DatasourceError } from '#contracts/errors';
import type { ObjectId } from '#contracts/schema';
import type { DatasourceUse } from './datasources.ts';

/** What was found out about datasources, as it is kept. Every method is one conditional write or a read. */
export interface DatasourceStateStore {
  /** Undefined where nothing has been found out yet. */
  get(datasetId: ObjectId): Promise<DatasourceState | undefined>;
  /** Something does not work. The same problem keeps the time when it was first seen; the file to try stays where none is named. */
  noteProblem(datasetId: ObjectId, problem: FoundProblem): Promise<void>;
  /** What a verification found. Where all of it works, there is no problem any more; else `problem` is it. */
  noteVerified(
    datasetId: ObjectId,
    verified: DatasourceVerification & { readonly at: number },
    problem?: FoundProblem,
  ): Promise<void>;
  /** The datasources have become others: what was found out about the last ones holds no more. */
  forget(datasetId: ObjectId): Promise<void>;
  /** An event of the bucket has come. */
  noteEvent(datasetId: ObjectId, at: number): Promise<void>;
}

/** As each store calls it to list what is there. */
const LISTING_ACTIONS: readonly string[] = ['s3:ListBucket', 'storage.objects.list', 'List Blobs'];

/** True where no image can be read. Where merely listing is refused, what is known by its name can be. */
export const keepsFromReading = (problem: Pick<FoundProblem, 'scope' | 'action'> | undefined): boolean =>
  problem?.scope === 'datasource' && !LISTING_ACTIONS.includes(problem.action);

/** True where what waits had better wait on: nothing that was tried has worked, or nothing was tried yet. */
export const holdsEverythingUp = (problem: Pick<FoundProblem, 'isOfSomeFiles'> | undefined): boolean =>
  problem !== undefined && problem.isOfSomeFiles === undefined;

/** The problem that an error tells of. @param at ms */
export const problemOf = (
  error: DatasourceError,
  { use, fileName, at }: { readonly use: DatasourceUse; readonly fileName?: string; readonly at: number },
): FoundProblem => ({
  ...error.problem,
  use,
  reason: error.message,
  seenAt: at,
  ...(fileName !== undefined && { fileName }),
});
