import type { SelectionEntry } from '#contracts/selection-config';
import { randomValue } from '../inputs/random.ts';
import { scalarInput } from '../inputs/scalar.ts';
import { checkMetadataKey } from './metadata-key.ts';
import { type Objective, type ObjectiveStrategy, type SelectionContext, strengthOf } from './strategy.ts';
import { checkTargetRange, sumLimits } from './sum-limits.ts';

/**
 * Zero would erase the other factors of the product. It counts as this share of the largest weight instead, or as half
 * the smallest above zero where that is less: a weight of a billionth is still more than none.
 */
const ZERO_AS_SHARE_OF_LARGEST = 1e-6;

const WEIGHTS = {
  kind: 'objective',
  strategy: 'WEIGHTS',
  strategyFields: ['strength', 'stoppingConditionMaxSum', 'targetRange'],
  objective: weightObjective,
} as const;

/** Prefer high numbers at a metadata key. */
export const metadataWeights: ObjectiveStrategy = {
  ...WEIGHTS,
  input: 'METADATA',
  inputFields: ['key'],
  required: ['input.key'],
  check(entry, path) {
    checkMetadataKey(entry, path);
    checkTargetRange(entry, path);
  },
};

/** Prefer high active-learning scores. */
export const scoreWeights: ObjectiveStrategy = {
  ...WEIGHTS,
  input: 'SCORES',
  inputFields: ['task', 'score'],
  required: ['input.task', 'input.score'],
  check: checkTargetRange,
};

/** Prefer images with many predicted objects. */
export const countWeights: ObjectiveStrategy = {
  ...WEIGHTS,
  input: 'PREDICTIONS',
  inputName: 'CATEGORY_COUNT',
  inputFields: ['task', 'name', 'categories'],
  required: ['input.task'],
  check: checkTargetRange,
};

async function weightObjective(
  entry: SelectionEntry,
  path: string,
  { candidates, target, tasks, note }: SelectionContext,
): Promise<Objective> {
  const strength = strengthOf(entry);
  const { name, missing, numberOf } = scalarInput(entry, path, tasks);
  const values = candidates.map(numberOf);
  if (values.every((value) => value === undefined)) note(`${path}: the candidates have ${missing}.`);
  return {
    strength,
    logValues: logWeights(values, strength),
    describe: (position) => `${name} ${values[position] ?? 'is not known'}`,
    ...sumLimits(entry, { path, name, target, values: Float64Array.from(values, (value) => value ?? 0) }),
  };
}

/** Without a seed in the configuration: a restarted run has to come to the same selection. */
const DEFAULT_SEED = 0;

/** Prefer by lot: alone it is a uniform random selection without replacement. */
export const randomWeights: ObjectiveStrategy = {
  kind: 'objective',
  input: 'RANDOM',
  strategy: 'WEIGHTS',
  inputFields: ['randomSeed'],
  strategyFields: ['strength'],
  required: [],
  async objective(
    entry: SelectionEntry,
    _path: string,
    { candidates }: SelectionContext,
  ): Promise<Objective> {
    const seed = entry.input.randomSeed ?? DEFAULT_SEED;
    const values = candidates.map(({ fileName }) => randomValue(seed, fileName));
    return {
      strength: strengthOf(entry),
      logValues: Float64Array.from(values, Math.log),
      describe: (position) => `random number ${values[position]?.toFixed(4)} of seed ${seed}`,
    };
  },
};

/**
 * Logarithms of raw weights, made positive without changing their order: where one is negative, the smallest is
 * subtracted from all. A candidate without a number counts like the least wanted one that has it.
 */
function logWeights(values: readonly (number | undefined)[], strength: number): Float64Array {
  let smallest = Number.POSITIVE_INFINITY;
  let largest = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value === undefined) continue;
    smallest = Math.min(smallest, value);
    largest = Math.max(largest, value);
  }
  const logValues = new Float64Array(values.length);
  const shift = Math.min(0, smallest);
  const range = Math.min(largest - shift, Number.MAX_VALUE);
  // All weights are zero, equal and negative, or missing: nobody is preferred.
  if (!(range > 0)) return logValues;
  const leastWanted = strength < 0 ? largest : smallest;
  const weights = values.map((value = leastWanted) => Math.min(value - shift, range));
  const smallestAbove0 = weights.reduce(
    (least, weight) => (weight > 0 ? Math.min(least, weight) : least),
    range,
  );
  const zero = Math.max(Math.min(range * ZERO_AS_SHARE_OF_LARGEST, smallestAbove0 / 2), Number.MIN_VALUE);
  weights.forEach((weight, position) => {
    logValues[position] = Math.log(Math.max(weight, zero));
  });
  return logValues;
}
