import type { SelectionEntry } from '#contracts/selection-config';
import type { SelectionImage } from '../candidate.ts';
import { type ClassInput, type ClassMasses, classInput } from '../inputs/class-masses.ts';
import type { Progress } from '../progress.ts';
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
  { candidates, preselected, tasks, note, progress }: SelectionContext,
): Promise<Objective> {
  const input = classInput(entry, path, tasks);
  const ofCandidates = await massesOfAll(candidates, input, progress);
  const ofPreselected = await massesOfAll(preselected, input, progress);
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

/** Operations for an image, and for each class that it has, roughly. */
const MASSES_WORK = 1_000;

async function massesOfAll(
  images: readonly SelectionImage[],
  input: ClassInput,
  progress: Progress,
): Promise<readonly ClassMasses[]> {
  const all: ClassMasses[] = [];
  for (const image of images) {
    const masses = input.massesOf(image);
    all.push(masses);
    if (progress.spend(MASSES_WORK * (1 + masses.size))) await progress.pause();
  }
  return all;
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

  readonly #entries: ClassEntries;
  readonly #shares: Float64Array;
  readonly #sign: number;
  readonly #meanTotal: number;

  constructor({ vectors, groupOf }: ClassGroups, { shares }: TargetShares, strength: number) {
    this.#entries = classEntries(vectors, shares);
    this.#shares = shares;
    this.#sign = Math.sign(strength);
    this.logValues = new Float64Array(vectors.length);
    this.chosen = new Float64Array(shares.length);
    const totals = Array.from(groupOf, (group) => vectors[group]?.total ?? 0).filter((total) => total > 0);
    this.#meanTotal = totals.reduce((sum, total) => sum + total, 0) / Math.max(1, totals.length) || 1;
    this.work = 10 * vectors.length + 2 * this.#entries.classes.length;
  }

  add({ classes, masses, total }: ClassVector): void {
    classes.forEach((at, entry) => {
      this.chosen[at] = (this.chosen[at] as number) + (masses[entry] as number);
    });
    this.total += total;
  }

  /** A candidate without any class says nothing: it counts half as much as the least wanted one that has some. */
  update(): void {
    const { starts, classes, masses, squares, totals } = this.#entries;
    const chosenSquares = this.#sumOfSquares();
    const before = this.total > 0 ? chosenSquares / this.total ** 2 : 1;
    const exponent = -(this.total / this.#meanTotal + 1) / 2;
    let leastWanted = Number.POSITIVE_INFINITY;
    for (let group = 0; group < totals.length; group++) {
      if (totals[group] === 0) continue;
      let products = 0;
      const end = starts[group + 1] as number;
      for (let entry = starts[group] as number; entry < end; entry++) {
        products += (masses[entry] as number) * (this.chosen[classes[entry] as number] as number);
      }
      const after = chosenSquares + 2 * products + (squares[group] as number);
      const total = this.total + (totals[group] as number);
      const value = exponent * Math.log(after / (total * total * before));
      this.logValues[group] = value;
      leastWanted = Math.min(leastWanted, this.#sign * value);
    }
    const without = leastWanted < Number.POSITIVE_INFINITY ? this.#sign * (leastWanted - Math.LN2) : 0;
    for (let group = 0; group < totals.length; group++) {
      if (totals[group] === 0) this.logValues[group] = without;
    }
  }

  #sumOfSquares(): number {
    let sum = 0;
    for (let at = 0; at < this.chosen.length; at++) {
      sum += (this.chosen[at] as number) ** 2 / (this.#shares[at] as number);
    }
    return sum;
  }
}

/** The vectors of all groups one after the other: updating 100,000 of them has to be quick. */
interface ClassEntries {
  /** Per group its first entry, and at the end the number of entries. */
  readonly starts: Uint32Array;
  readonly classes: Uint32Array;
  /** Masses divided by the share of their class. */
  readonly masses: Float64Array;
  /** Per group the sum of its squared masses, each divided by the share of its class. */
  readonly squares: Float64Array;
  /** Per group the sum of its masses. */
  readonly totals: Float64Array;
}

function classEntries(vectors: readonly ClassVector[], shares: Float64Array): ClassEntries {
  const starts = new Uint32Array(vectors.length + 1);
  vectors.forEach(({ classes }, group) => {
    starts[group + 1] = (starts[group] as number) + classes.length;
  });
  const all = new Uint32Array(starts[vectors.length] as number);
  const masses = new Float64Array(all.length);
  const squares = new Float64Array(vectors.length);
  vectors.forEach((vector, group) => {
    vector.classes.forEach((at, entry) => {
      const place = (starts[group] as number) + entry;
      const mass = vector.masses[entry] as number;
      all[place] = at;
      masses[place] = mass / (shares[at] as number);
      squares[group] = (squares[group] as number) + mass * (masses[place] as number);
    });
  });
  return { starts, classes: all, masses, squares, totals: Float64Array.from(vectors, ({ total }) => total) };
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
