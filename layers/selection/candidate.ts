import type { SelectionStop } from '#contracts/selection-stop';

/** A prediction task, as far as a selection looks at it. */
export interface SelectionTask {
  readonly name: string;
  readonly categories: readonly { readonly id: number; readonly name: string }[];
}

/** The embeddings of another dataset's tag, which SIMILARITY compares with. */
export interface SelectionQuery {
  readonly datasetId: string;
  readonly tagName: string;
  readonly vectors: readonly Float32Array[];
}

/** What a prediction task found in an image: an object, or the image as a whole where the task classifies. */
export interface PredictedObject {
  readonly categoryId: number;
  /** Confidence, 0 to 1. */
  readonly score: number;
  /** One per category of the task, in its order; absent where the model gave none. */
  readonly probabilities?: readonly number[];
}

/** What a selection knows of an image. */
export interface SelectionImage {
  readonly fileName: string;
  readonly embedding: Float32Array;
  /** Nested record that METADATA keys are looked up in; see `candidateMetadata`. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** By prediction task; a task that says nothing of this image is absent. */
  readonly predictions?: Readonly<Record<string, readonly PredictedObject[]>>;
  /** Active-learning scores by task, then by name of the score. */
  readonly scores?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Embeddings of its object crops or tiles, by task: what EMBEDDINGS with `task` looks at. */
  readonly crops?: Readonly<Record<string, readonly Float32Array[]>>;
}

/** An image that a run may choose. Its index is its position in the array given to `select`. */
export type SelectionCandidate = SelectionImage;

/** A sample of the datapool: it is never chosen again, but counts as already chosen. */
export type PreselectedSample = SelectionImage;

export interface ChosenCandidate {
  /** Position in the candidates. */
  readonly index: number;
  /** 0 for the candidate that was chosen first. */
  readonly step: number;
  /**
   * Euclidean distance to the nearest sample chosen before it, preselected ones included. Absent where there was
   * none, and where no DIVERSITY of whole images takes part, because it costs what a DIVERSITY selection costs.
   */
  readonly distance?: number;
  /** One sentence for people. */
  readonly reason: string;
}

export interface FilteredOutCandidate {
  readonly index: number;
  /** One sentence for people. */
  readonly reason: string;
}

export interface SelectionResult {
  /** In order of choice. */
  readonly chosen: readonly ChosenCandidate[];
  /** Candidates that failed a THRESHOLD, in order of index, each with the first one that it failed. */
  readonly filteredOut: readonly FilteredOutCandidate[];
  readonly stoppedBy: SelectionStop;
  /** What the configuration asks for and the candidates could not give, one sentence each, for the log. */
  readonly notes: readonly string[];
}
