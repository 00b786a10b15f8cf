/** An image that a run may choose. Its index is its position in the array given to `select`. */
export interface SelectionCandidate {
  readonly fileName: string;
  readonly embedding: Float32Array;
  /** Nested record that METADATA keys are looked up in; see `candidateMetadata`. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A sample of the datapool: it is never chosen again, but counts as already chosen for DIVERSITY. */
export interface PreselectedSample {
  readonly embedding: Float32Array;
}

export interface ChosenCandidate {
  /** Position in the candidates. */
  readonly index: number;
  /** 0 for the candidate that was chosen first. */
  readonly step: number;
  /**
   * Euclidean distance to the nearest sample chosen before it, preselected ones included. Absent where there was
   * none, and where no DIVERSITY strategy takes part, because it costs what a DIVERSITY selection costs.
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
  /**
   * `count`: as many as asked for. `distance`: every candidate left is nearer to a chosen sample than a minimum
   * distance allows. `candidates`: there are no more.
   */
  readonly stoppedBy: 'count' | 'distance' | 'candidates';
}
