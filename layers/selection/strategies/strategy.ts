import type { SelectionEntry, SelectionInput, SelectionStrategy } from '#contracts/selection-config';
import type { SelectionStop } from '#contracts/selection-stop';
import type { PreselectedSample, SelectionCandidate, SelectionQuery, SelectionTask } from '../candidate.ts';
import type { Progress } from '../progress.ts';

/** What the strategies of one selection share. */
export interface SelectionFacts {
  /** Prediction tasks of the dataset. */
  readonly tasks: readonly SelectionTask[];
  readonly queries: readonly SelectionQuery[];
  /** Takes a sentence on what the configuration asks for and the candidates can't give. */
  readonly note: (sentence: string) => void;
}

/** What the objectives of one selection share. Positions count the candidates that passed every threshold. */
export interface SelectionContext extends SelectionFacts {
  readonly candidates: readonly SelectionCandidate[];
  readonly preselected: readonly PreselectedSample[];
  /** How many candidates will be chosen at most. */
  readonly target: number;
  readonly progress: Progress;
}

/** One factor of the score: larger is better where `strength` is positive. */
export interface Objective {
  readonly strength: number;
  /**
   * Natural logarithm of the objective, always finite: a product of powers becomes a sum, which neither overflows
   * nor loses small factors. An objective that changes with each choice updates it in place. One per position; where
   * `groupOf` is given, one per group.
   */
  readonly logValues: Float64Array;
  /** Per position the group whose value it has: for changing objectives of which many candidates have the same. */
  readonly groupOf?: Uint32Array;
  /** What is said of a candidate where it is chosen, for example `distance 0.52 to the nearest chosen sample`. */
  describe(position: number): string;
  /** Candidates that may never be chosen, and what is said where none but these are left. */
  readonly barred?: { isBarred(position: number): boolean; readonly stop: SelectionStop };
  /** Once all is chosen: what it asked for and did not get, one sentence each. */
  unmet?(): readonly string[];
  /** How the objective follows the choices; absent where it is the same throughout. */
  readonly dynamics?: ObjectiveDynamics;
}

export interface ObjectiveDynamics {
  /** False where values stay the same, and only what may be chosen changes. */
  readonly changesValues: boolean;
  /** What is said where `admits` leaves nobody to choose. */
  readonly stop: SelectionStop;
  /** Called before the first choice, unless `chooseAll` makes it. */
  begin?(): Promise<void>;
  /** All choices at once, as they come step by step but sooner: for an objective that alone is dynamic. */
  chooseAll?(others: OtherScores): Promise<AllChoices>;
  /** Takes note of a choice and returns the floating-point operations that it took, roughly. */
  choose(position: number): number;
  /** False when the candidate may not be chosen now. */
  admits?(position: number): boolean;
  /** Why nothing more may be chosen; undefined while something may. */
  ended?(): SelectionStop | undefined;
  /** Distance to the nearest chosen sample, where there is one. */
  distanceOf?(position: number): number | undefined;
  /** The position to begin with where nothing is chosen and no other objective has a say. */
  opening?(): { position: number; reason: string } | undefined;
}

/** What the other objectives of a selection say, where none of them changes. */
export interface OtherScores {
  /** Sums of strength times logarithm, per position. */
  readonly scores: Float64Array;
  /** 1 per position that may be chosen. */
  readonly open: Uint8Array;
  /** The position to begin with where nothing is chosen; -1 where none may be. */
  readonly first: number;
}

export interface AllChoices {
  /** In order of choice. */
  readonly positions: readonly number[];
  /** Whether it ended because none of those left may be chosen. */
  readonly isExhausted: boolean;
}

export type DynamicObjective = Objective & { readonly dynamics: ObjectiveDynamics };

interface StrategyRules {
  readonly input: SelectionInput['type'];
  readonly strategy: SelectionStrategy['type'];
  /** Which PREDICTIONS it looks at. */
  readonly inputName?: NonNullable<SelectionInput['name']>;
  /** True where it looks at the objects of a task: EMBEDDINGS with and without `task` are two strategies. */
  readonly ofObjects?: true;
  /** Fields that are understood beside `type`. Any other field is refused, never ignored. */
  readonly inputFields: readonly (keyof SelectionInput)[];
  readonly strategyFields: readonly (keyof SelectionStrategy)[];
  /** Fields that have to be there, as `input.key`. */
  readonly required: readonly string[];
  /** Further checks of one entry; throws an InvalidInputError that begins with `path`. */
  check?(entry: SelectionEntry, path: string): void;
}

/** A hard condition: a candidate that fails it is never chosen. */
export interface FilterStrategy extends StrategyRules {
  readonly kind: 'filter';
  /** Returns a function that says why a candidate fails, or undefined where it passes. */
  filter(
    entry: SelectionEntry,
    path: string,
    facts: SelectionFacts,
  ): (candidate: SelectionCandidate) => string | undefined;
}

/** A soft wish: a factor of the score. */
export interface ObjectiveStrategy extends StrategyRules {
  readonly kind: 'objective';
  objective(entry: SelectionEntry, path: string, context: SelectionContext): Promise<Objective>;
}

export type Strategy = FilterStrategy | ObjectiveStrategy;

/** The exponent of an objective: 1 where it is not given. */
export const strengthOf = ({ strategy }: SelectionEntry): number => strategy.strength ?? 1;
