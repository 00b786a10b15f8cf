import type { SelectionEntry } from '#contracts/selection-config';
import { type ClassInput, classInput } from '../inputs/class-masses.ts';
import { type ClassGroups, type ClassVector, classGroups, classVector } from './class-groups.ts';
import { checkCategoricalKey } from './metadata-key.ts';
import { type Objective, type ObjectiveStrategy, type SelectionContext, strengthOf } from './strategy.ts';
import { checkDistribution, type TargetShares, targetShares } from './target-shares.ts';

const BALANCE = {
  kind: 'objective',
  strategy: 'BALANCE',
  strategyFields: ['distribution', 'target', 'strength'],
  objective: balanceObjective,
} as const;

/** Prefer images by which the values at a metadata key come nearer to a distribution. */
export const metadataBalance: ObjectiveStrategy = {
  ...BALANCE,
  input: 'METADATA',
  inputFields: ['key'],
  required: ['input.key'],
  check(entry, path) {
    checkCategoricalKey(entry, path);
    checkDistribution(entry, path);
  },
};

/** Prefer images by which the summed class probabilities come nearer to a distribution. */
export const distributionBalance: ObjectiveStrategy = {
  ...BALANCE,
  input: 'PREDICTIONS',
  inputName: 'CLASS_DISTRIBUTION',
  inputFields: ['task', 'name', 'categories'],
  required: ['input.task'],
  check: checkDistribution,
};

/** Prefer images by which the numbers of objects come nearer to a distribution. */
export const countBalance: ObjectiveStrategy = {
  ...distributionBalance,
  inputName: 'CATEGORY_COUNT',
};

async function balanceObjective(
  entry: SelectionEntry,
  path: string,
  { candidates, preselected, tasks, note }: SelectionContext,
): Promise<Objective> {
  const input = classInput(entry, path, tasks);
  const ofCandidates = candidates.map(input.massesOf);
  const ofPreselected = preselected.map(input.massesOf);
  const target = targetShares(entry, input, ofCandidates, [...ofCandidates, ...ofPreselected]);
  const groups = classGroups(ofCandidates, target);
  if (groups.vectors.every(({ total }) => total === 0))
    note(`${path}: no candidate has a class of ${input.name}.`);
  const strength = strengthOf(entry);
  const balance = new Balance(groups, target, strength);
  for (const masses of ofPreselected) balance.add(classVector(masses, target));
  balance.update();
  return {
    strength,
    logValues: balance.logValues,
    groupOf: groups.groupOf,
    describe: (position) => describeClasses(balance, groups, target, input, position),
    dynamics: {
      changesValues: true,
      stop: 'candidates',
      choose(position) {
        balance.add(vectorAt(groups, position));
        balance.update();
        return balance.work;
      },
    },
  };
}

const vectorAt = ({ vectors, groupOf }: ClassGroups, position: number): ClassVector =>
  vectors[groupOf[position] as number] as ClassVector;

/**
 * The classes of what is chosen, and what each candidate would make of them. With S the masses chosen, N their sum
 * and t the target shares, Pearson's distance is χ² = Σ (S/N - t)² / t = Σ S² / (t N²) - 1 where shares add up to 1.
 * A candidate's value is ((1 + χ² before) / (1 + χ² with it))^((n + 1) / 2), n being how many average candidates make
 * up N: the exponent keeps one candidate's influence from fading as the selection grows.
 */
class Balance {
  /** One per group. */
  readonly logValues: Float64Array;
  /** Floating-point operations of an update, roughly. */
  readonly work: number;
  /** Per class, what is chosen of it. */
  readonly chosen: Float64Array;
  /** Sum of `chosen`. */
  total = 0;

  readonly #vectors: readonly ClassVector[];
  readonly #shares: Float64Array;
  readonly #strength: number;
  readonly #meanTotal: number;

  constructor({ vectors, groupOf }: ClassGroups, { shares }: TargetShares, strength: number) {
    this.#vectors = vectors;
    this.#shares = shares;
    this.#strength = strength;
    this.logValues = new Float64Array(vectors.length);
    this.chosen = new Float64Array(shares.length);
    const totals = Array.from(groupOf, (group) => vectors[group]?.total ?? 0).filter((total) => total > 0);
    this.#meanTotal = totals.reduce((sum, total) => sum + total, 0) / Math.max(1, totals.length) || 1;
    this.work = vectors.reduce((sum, { classes }) => sum + 10 + 4 * classes.length, 0);
  }

  add({ classes, masses, total }: ClassVector): void {
    classes.forEach((at, entry) => {
      this.chosen[at] = (this.chosen[at] as number) + (masses[entry] as number);
    });
    this.total += total;
  }

  /** A candidate without any class says nothing: it counts half as much as the least wanted one that has some. */
  update(): void {
    const squares = this.#sumOfSquares();
    const before = this.total > 0 ? squares / this.total ** 2 : 1;
    const exponent = -(this.total / this.#meanTotal + 1) / 2;
    let leastWanted = Number.NaN;
    this.#vectors.forEach((vector, group) => {
      if (vector.total === 0) return;
      const after = (squares + this.#squaresAdded(vector)) / (this.total + vector.total) ** 2;
      const value = exponent * Math.log(after / before);
      this.logValues[group] = value;
      if (!(this.#strength * value >= this.#strength * leastWanted)) leastWanted = value;
    });
    const without = Number.isNaN(leastWanted) ? 0 : leastWanted - Math.sign(this.#strength) * Math.LN2;
    this.#vectors.forEach(({ total }, group) => {
      if (total === 0) this.logValues[group] = without;
    });
  }

  #sumOfSquares(): number {
    let sum = 0;
    for (let at = 0; at < this.chosen.length; at++) {
      sum += (this.chosen[at] as number) ** 2 / (this.#shares[at] as number);
    }
    return sum;
  }

  #squaresAdded({ classes, masses }: ClassVector): number {
    let sum = 0;
    for (let entry = 0; entry < classes.length; entry++) {
      const at = classes[entry] as number;
      const mass = masses[entry] as number;
      sum += (mass * (2 * (this.chosen[at] as number) + mass)) / (this.#shares[at] as number);
    }
    return sum;
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** The class that an image has most of, and how much of it there is. */
function describeClasses(
  { chosen, total }: Balance,
  groups: ClassGroups,
  { names, shares }: TargetShares,
  { name }: ClassInput,
  position: number,
): string {
  const { classes, masses } = vectorAt(groups, position);
  const main = classes[masses.indexOf(Math.max(...masses))];
  if (main === undefined) return `no class of ${name}`;
  const before = total > 0 ? percent((chosen[main] as number) / total) : 'none';
  return `${name} ${names[main]}, of which there is ${before} so far and ${percent(shares[main] as number)} is wanted`;
}
