import type { PredictionSingleton, PredictionTaskSchema } from '#contracts/predictions';
import type { ObjectId } from '#contracts/schema';

/** The vectors of another dataset's tag, which SIMILARITY compares with. */
export interface QueryVectors {
  readonly datasetId: ObjectId;
  readonly tagName: string;
  readonly vectors: readonly Float32Array[];
}

/**
 * What somebody has told of images, in files under `.lightly/` or through the API, as far as a run needs it. What is
 * computed of an image when it arrives is not here: see `ImageFacts`.
 */
export interface GivenFacts {
  /** By name. */
  readonly tasks: readonly PredictionTaskSchema[];
  /** By name of the task, then by file name. A classification is one singleton. */
  readonly predictions: ReadonlyMap<string, ReadonlyMap<string, readonly PredictionSingleton[]>>;
  /** By name of the task, then of the score, then of the file. They take the place of computed ones. */
  readonly scores: ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, number>>>;
  /** Custom metadata by file name, defaults of the schema filled in. */
  readonly metadata: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** By file name; in place of the computed embeddings. Absent where the run uses those. */
  readonly embeddings?: ReadonlyMap<string, Float32Array>;
  readonly queries: readonly QueryVectors[];
  /** What was skipped and why, one sentence each, for the log of the run. */
  readonly warnings: readonly string[];
}

export const NOTHING_GIVEN: GivenFacts = {
  tasks: [],
  predictions: new Map(),
  scores: new Map(),
  metadata: new Map(),
  queries: [],
  warnings: [],
};
