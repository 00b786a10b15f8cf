import { InvalidInputError } from '#contracts/errors';
import type { SelectionEntry } from '#contracts/selection-config';
import type { ClassInput, ClassMasses } from '../inputs/class-masses.ts';

/** The share of each class that BALANCE aims at. */
export interface TargetShares {
  readonly names: readonly string[];
  /** As many, each above 0. */
  readonly shares: Float64Array;
  /** Position of a class among the names; undefined for one that does not count. */
  classOf(name: string): number | undefined;
}

/** What all classes share that the target does not name. */
const OTHER_CLASSES = 'all other classes';
/** A share of 0 counts as this: such a class is chosen where nothing else is left, and comparisons stay finite. */
const SMALLEST_SHARE = 1e-6;
/** Targets like 0.33, 0.33 and 0.34 need not add up to exactly 1. */
const ROUNDING = 1e-6;

/** Refuses what could not be a distribution, and a target beside a distribution that does not look at it. */
export function checkDistribution({ input, strategy }: SelectionEntry, path: string): void {
  const { distribution = 'TARGET', target } = strategy;
  if (distribution !== 'TARGET') {
    if (target === undefined) return;
    throw new InvalidInputError(
      `${path}.strategy.target: expected no target with distribution ${distribution}. Remove it, or set distribution to TARGET.`,
    );
  }
  if (target === undefined || Object.keys(target).length === 0) {
    throw new InvalidInputError(
      `${path}.strategy.target is missing: BALANCE needs a share for at least one class, or a distribution of UNIFORM or INPUT.`,
    );
  }
  const left = Object.keys(target).find((name) => input.categories?.includes(name) === false);
  if (left !== undefined) {
    throw new InvalidInputError(
      `${path}.strategy.target: '${left}' is not one of the categories that ${path}.input.categories leaves: ${input.categories?.join(', ')}.`,
    );
  }
  const total = Object.values(target).reduce((sum, share) => sum + share, 0);
  if (total > 1 + ROUNDING || !(total > 0)) {
    throw new InvalidInputError(
      `${path}.strategy.target: expected shares that add up to more than 0 and at most 1 but received ${total}. What is left to 1 goes to ${OTHER_CLASSES}.`,
    );
  }
}

/**
 * The shares that an entry asks for.
 *
 * @param input - masses of every candidate, which INPUT keeps the proportions of
 * @param everyone - masses of candidates and preselected samples: where classes are not known beforehand, UNIFORM
 * counts those
 */
export function targetShares(
  { strategy: { distribution = 'TARGET', target = {} } }: SelectionEntry,
  { classes }: ClassInput,
  input: readonly ClassMasses[],
  everyone: readonly ClassMasses[],
): TargetShares {
  if (distribution === 'TARGET') return namedShares(target);
  const names = classes ?? [...new Set(everyone.flatMap((masses) => [...masses.keys()]))].sort();
  const masses = new Map<string, number>();
  for (const [name, mass] of input.flatMap((ofImage) => [...ofImage])) {
    masses.set(name, (masses.get(name) ?? 0) + mass);
  }
  const total = [...masses.values()].reduce((sum, mass) => sum + mass, 0);
  const shareOf = (name: string) =>
    distribution === 'UNIFORM' ? 1 / names.length : (masses.get(name) ?? 0) / (total || 1);
  const positions = new Map(names.map((name, position) => [name, position]));
  return { names, shares: sharesAbove0(names.map(shareOf)), classOf: (name) => positions.get(name) };
}

/** What is left to 1 goes to all other classes together. */
function namedShares(target: Readonly<Record<string, number>>): TargetShares {
  const entries = Object.entries(target).sort(([a], [b]) => (a < b ? -1 : 1));
  const total = entries.reduce((sum, [, share]) => sum + share, 0);
  const positions = new Map(entries.map(([name], position) => [name, position]));
  return {
    names: [...entries.map(([name]) => name), OTHER_CLASSES],
    shares: sharesAbove0([...entries.map(([, share]) => share), total < 1 - ROUNDING ? 1 - total : 0]),
    classOf: (name) => positions.get(name) ?? entries.length,
  };
}

const sharesAbove0 = (shares: readonly number[]): Float64Array =>
  Float64Array.from(shares, (share) => Math.max(share, SMALLEST_SHARE));
