import type { DatasourceState, DatasourceVerification, FoundProblem } from '#contracts/datasource-state';
import type { DatasourceError } from '#contracts/errors';
import { isThumbnailName } from '#contracts/s3-keys';
import type { ObjectId } from '#contracts/schema';
import type { DatasourceUse } from './datasources.ts';
import { isListing } from './store-traits.ts';

/**
 * What was found out about datasources, as it is kept. Every method is one conditional write or a read.
 *
 * Whoever notes something says which version of the dataset's datasources it is of: what comes to be known of one that
 * was replaced meanwhile is not noted.
 */
export interface DatasourceStateStore {
  /** Undefined where nothing has been found out yet. */
  get(datasetId: ObjectId): Promise<DatasourceState | undefined>;
  /**
   * Something does not work. The same problem keeps the time when it was first seen; the file to try stays where none is named.
   * False where the datasources are others by now.
   */
  noteProblem(datasetId: ObjectId, version: number, problem: FoundProblem): Promise<boolean>;
  /**
   * What a verification found. Where all of it works, there is no problem any more; else `problem` is it. False where the
   * datasources are others by now.
   */
  noteVerified(
    datasetId: ObjectId,
    version: number,
    verified: DatasourceVerification & { readonly at: number },
    problem?: FoundProblem,
  ): Promise<boolean>;
  /** The datasources have become others, or are asked in another way: what was found out before holds no more. */
  forget(datasetId: ObjectId, version: number): Promise<void>;
  /** An event of the bucket has come. */
  noteEvent(datasetId: ObjectId, at: number): Promise<void>;
  /** An event is about to be held. */
  noteHeld(datasetId: ObjectId, at: number): Promise<void>;
  /** None is held any more. Does nothing where one was since. @param heldAt as it was read before it was looked */
  noteNoneHeld(datasetId: ObjectId, heldAt: number): Promise<void>;
  /**
   * Whoever gets it sends the events that are held, alone, until `until` (ms). False where somebody else has it.
   * @param claim.held what of it this one has already, from which it goes on
   */
  claimRelease(
    datasetId: ObjectId,
    claim: { readonly until: number; readonly held: number | undefined; readonly now: number },
  ): Promise<boolean>;
  /** Others may send from now on. */
  endRelease(datasetId: ObjectId, held: number): Promise<void>;
}

/** True where no image can be read. Where merely listing is refused, what is known by its name can be. */
export const keepsFromReading = (problem: Pick<FoundProblem, 'scope' | 'action'> | undefined): boolean =>
  problem?.scope === 'datasource' && !isListing(problem.action);

/** True where what waits had better wait on: nothing that was tried has worked, or nothing was tried yet. */
export const holdsEverythingUp = (problem: Pick<FoundProblem, 'isOfSomeFiles'> | undefined): boolean =>
  problem !== undefined && problem.isOfSomeFiles === undefined;

/**
 * True where a thumbnail was refused, and a verification has then found that none can be written: to read images would be
 * of no use.
 */
export const refusesThumbnails = ({
  problem,
  lastVerified,
}: Pick<DatasourceState, 'problem' | 'lastVerified'>): boolean =>
  problem?.use === 'LIGHTLY' &&
  problem.fileName !== undefined &&
  isThumbnailName(problem.fileName) &&
  holdsEverythingUp(problem) &&
  lastVerified?.canWrite === false;

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

/**
 * A problem as whoever uses the dataset is told of it. Which files there are is for those who may list them: where listing is
 * refused, by now perhaps, events still tell Winnow, and it tells nobody.
 */
export function toldProblem<Problem extends FoundProblem>(
  problem: Problem,
  { canList = true }: Partial<Pick<DatasourceVerification, 'canList'>> = {},
): Problem {
  if (canList) return problem;
  const { fileName: _, ...told } = problem;
  return told as Problem;
}
