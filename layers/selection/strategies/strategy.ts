import type { SelectionEntry, SelectionInput, SelectionStrategy } from '#contracts/selection-config';
import type { PreselectedSample, SelectionCandidate } from '../candidate.ts';
import type { Progress } from '../progress.ts';

/** What the objectives of one selection share. Positions count the candidates that passed every threshold. */
export interface SelectionContext {
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
   * Natural logarithm of the objective per position, always finite: a product of powers becomes a sum, which
   * neither overflows nor loses small factors. An objective that changes with each choice updates it in place.
   */
  readonly logValues: Float64Array;
  /** What is said of a candidate where it is chosen, for example `distance 0.52 to the nearest chosen sample`. */
  describe(position: number): string;
  /** How the objective follows the choices; absent where it is the same throughout. */
  readonly dynamics?: ObjectiveDynamics;
}

export interface ObjectiveDynamics {
  /** Takes note of a choice and returns the floating-point operations that it took, roughly. */
  choose(position: number): number;
  /** False when the candidate may not be chosen any more. */
  admits(position: number): boolean;
  /** Distance to the nearest chosen sample, where there is one. */
  distanceOf(position: number): number | undefined;
  /** The position to begin with where nothing is chosen and no other objective has a say. */
  opening(): { position: number; reason: string } | undefined;
}

interface StrategyRules {
  readonly input: SelectionInput['type'];
  readonly strategy: SelectionStrategy['type'];
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
  filter(entry: SelectionEntry): (candidate: SelectionCandidate) => string | undefined;
}

/** A soft wish: a factor of the score. */
export interface ObjectiveStrategy extends StrategyRules {
  readonly kind: 'objective';
  objective(entry: SelectionEntry, context: SelectionContext): Promise<Objective>;
}

export type Strategy = FilterStrategy | ObjectiveStrategy;

/** The exponent of an objective: 1 where it is not given. */
export const strengthOf = ({ strategy }: SelectionEntry): number => strategy.strength ?? 1;
