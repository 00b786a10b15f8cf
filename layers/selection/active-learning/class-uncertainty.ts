/**
 * How unsure a model is between classes, from 0 (all probability on one) to 1 (the same for all): the three measures
 * of uncertainty sampling (Settles 2009, "Active Learning Literature Survey", section 3.1), each divided by its largest
 * value.
 */
export interface ClassUncertainty {
  readonly uncertainty_least_confidence: number;
  readonly uncertainty_margin: number;
  readonly uncertainty_entropy: number;
}

export const CLASS_UNCERTAINTIES = [
  'uncertainty_least_confidence',
  'uncertainty_margin',
  'uncertainty_entropy',
] as const satisfies (keyof ClassUncertainty)[];

/** What a model says of the class of something. */
export interface ClassOpinion {
  /** Confidence in the class that it names, 0 to 1. */
  readonly score: number;
  /** One for each class; absent where the model gave none. */
  readonly probabilities?: readonly number[];
}

/** @param classes number of categories of the task */
export function classUncertainty(opinion: ClassOpinion, classes: number): ClassUncertainty {
  const distribution = distributionOf(opinion, classes);
  const n = distribution.length;
  let first = 0;
  let second = 0;
  let bits = 0;
  for (const p of distribution) {
    if (p > first) [first, second] = [p, first];
    else if (p > second) second = p;
    if (p > 0) bits -= p * Math.log2(p);
  }
  return {
    uncertainty_least_confidence: inUnitRange((1 - first) / (1 - 1 / n)),
    uncertainty_margin: inUnitRange(1 - (first - second)),
    uncertainty_entropy: inUnitRange(bits / Math.log2(n)),
  };
}

/**
 * Probabilities that sum to one, of two classes at least. A single one is that of "yes", and "no" has the rest. Where
 * there are none, or all are 0, the named class has the score and the others share the rest, which supposes nothing else.
 */
function distributionOf({ score, probabilities = [] }: ClassOpinion, classes: number): number[] {
  const [only = 0] = probabilities;
  if (probabilities.length === 1) return [only, 1 - only];
  const sum = probabilities.reduce((total, p) => total + p, 0);
  if (sum > 0) return probabilities.map((p) => p / sum);
  const others = Math.max(1, classes - 1);
  return [score, ...Array.from({ length: others }, () => (1 - score) / others)];
}

/** Rounding may leave it by the last bit. */
const inUnitRange = (value: number): number => Math.min(1, Math.max(0, value));
