import { InvalidInputError } from '#contracts/errors';
import type { ObjectId } from '#contracts/schema';
import type { ScoresOwner } from '#contracts/scores';
import { LONGEST_TASK_NAME } from '#contracts/task-name';
import { derivedObjectId } from '../derived-id.ts';
import { kindOf, type ScoreStore, type ScoresHeader } from './scores.ts';

/** Scores that somebody has computed for the samples of `owner`. */
export interface GivenScores {
  readonly datasetId: ObjectId;
  readonly owner: ScoresOwner;
  /** Samples of the tag, or of the dataset. */
  readonly sampleCount: number;
  readonly scoreType: string;
  readonly values: readonly number[];
}

/**
 * Writes scores, in place of those that the owner has of this type.
 *
 * @returns them with their id, which is the same for the same owner and type
 * @throws InvalidInputError `SCORES_CANNOT_BE_SET` unless there is a finite number for each sample
 */
export async function recordScores(
  { datasetId, owner, sampleCount, scoreType, values }: GivenScores,
  { scores, now }: { readonly scores: ScoreStore; readonly now: () => number },
): Promise<ScoresHeader> {
  if (scoreType.length > LONGEST_TASK_NAME) {
    throw new InvalidInputError(
      `scoreType: expected at most ${LONGEST_TASK_NAME} characters but received ${scoreType.length}.`,
    );
  }
  if (values.length !== sampleCount) {
    const whose = 'tagId' in owner ? 'tag' : 'dataset';
    throw cannotBeSet(
      `scores: the ${whose} has ${sampleCount} samples, and there are ${values.length} scores`,
    );
  }
  const odd = values.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) throw cannotBeSet(`scores[${odd}]: expected a finite number`);
  const id = derivedObjectId('scores', datasetId, JSON.stringify(owner), scoreType);
  const at = now();
  const createdAt = (await scores.get(datasetId, kindOf(owner), id))?.createdAt ?? at;
  const written = { id, datasetId, owner, scoreType, createdAt, lastModifiedAt: at };
  await scores.put(written, Float64Array.from(values));
  return written;
}

const cannotBeSet = (message: string): InvalidInputError =>
  new InvalidInputError(`${message}. Give one for each sample.`, { apiCode: 'SCORES_CANNOT_BE_SET' });
