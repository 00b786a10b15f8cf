import type { ObjectId } from '#contracts/schema';
import type { Scores, ScoresOwner } from '#contracts/scores';

/** Where the numbers are is the store's business. */
export type ScoresHeader = Omit<Scores, 'key' | 'count'>;

/** Active-learning scores, as they are kept. */
export interface ScoreStore {
  /** Writes the scores, in place of those of the same id. */
  put(scores: ScoresHeader, values: Float64Array): Promise<void>;
  /** What is known of scores of this owner; the protocol's first scores are a tag's, its second ones a task's. */
  get(datasetId: ObjectId, kind: ScoresKind, scoreId: ObjectId): Promise<Scores | undefined>;
  /** In no particular order. */
  list(datasetId: ObjectId, kind: ScoresKind): AsyncIterable<Scores>;
  read(scores: Scores): Promise<Float64Array>;
}

/** The scores of one tag, or those of all tasks. */
export type ScoresKind = Extract<ScoresOwner, { tagId: ObjectId }> | 'tasks';
export const kindOf = (owner: ScoresOwner): ScoresKind => ('tagId' in owner ? owner : 'tasks');
