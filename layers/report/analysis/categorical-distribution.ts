import type { CategoricalDistribution, CategoricalDistributionPerSet, ReportSet } from '#contracts/report-v2';

type Counts = ReadonlyMap<string, number>;
export type CountsPerSet = Readonly<
  Record<'input' | 'selected' | 'random', Counts> & Partial<Record<ReportSet, Counts>>
>;

/** Of more categories, those that are rarest in the input are counted together. */
const MOST_CATEGORIES = 100;
const OTHERS = '(others)';

/**
 * How often each category occurs in several sets. All sets list the same categories, those that occur in any of them,
 * the most frequent of the input first.
 */
export function categoricalPerSet(counts: CountsPerSet): CategoricalDistributionPerSet {
  const { kept, hasOthers } = categoriesOf(counts);
  const distribution = (of: Counts): CategoricalDistribution => {
    const listed = kept.map((category): [string, number] => [category, of.get(category) ?? 0]);
    const total = [...of.values()].reduce((sum, count) => sum + count, 0);
    const others = total - listed.reduce((sum, [, count]) => sum + count, 0);
    const all = hasOthers ? [...listed, [OTHERS, others] as const] : listed;
    return { counts: Object.fromEntries(all), metrics: metricsOf(all.map(([, count]) => count)) };
  };
  const { input, selected, random, ...datapool } = counts;
  return {
    input: distribution(input),
    selected: distribution(selected),
    random: distribution(random),
    ...Object.fromEntries(Object.entries(datapool).map(([set, of]) => [set, distribution(of)])),
  };
}

function categoriesOf(counts: CountsPerSet) {
  const names = new Set(Object.values(counts).flatMap((of) => [...of.keys()]));
  const inInput = (name: string): number => counts.input.get(name) ?? 0;
  const sorted = [...names].sort((a, b) => inInput(b) - inInput(a) || (a < b ? -1 : 1));
  return { kept: sorted.slice(0, MOST_CATEGORIES), hasOthers: sorted.length > MOST_CATEGORIES };
}

/**
 * `giniImbalance` is the Gini coefficient of the counts, Σᵢ (2i − k − 1)·xᵢ / (k·Σx) with x ascending: 0 where all k
 * categories are as frequent, (k − 1)/k where there is only one of them. `normalizedEntropy` is Shannon's, over ln k:
 * 1 where all are as frequent, 0 where there is only one. Both are 0 for fewer than two categories, and for none at all.
 */
function metricsOf(counts: readonly number[]): CategoricalDistribution['metrics'] {
  const categories = counts.length;
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (categories < 2 || total === 0) return { giniImbalance: 0, normalizedEntropy: 0 };
  const ascending = counts.toSorted((a, b) => a - b);
  const ranked = ascending.reduce((sum, count, at) => sum + (2 * (at + 1) - categories - 1) * count, 0);
  const entropy = counts.reduce((sum, count) => {
    const share = count / total;
    return share > 0 ? sum - share * Math.log(share) : sum;
  }, 0);
  return {
    giniImbalance: ranked / (categories * total),
    normalizedEntropy: entropy / Math.log(categories),
  };
}

/** How often each of `categories` occurs. */
export function countEach(categories: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const category of categories) counts.set(category, (counts.get(category) ?? 0) + 1);
  return counts;
}
