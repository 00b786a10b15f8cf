import type { NumericDistribution, NumericDistributionPerSet, ReportSet } from '#contracts/report-v2';

export type ValuesPerSet = Readonly<Partial<Record<ReportSet, readonly number[]>>>;

/**
 * Histograms and key figures of one quantity over several sets of images. All share range and bins, so that they
 * can be laid over each other. A set without values has counts of 0 and figures of 0.
 */
export function distributionPerSet(values: ValuesPerSet, bins = 20): NumericDistributionPerSet {
  const range = rangeOf(Object.values(values));
  const { selected = [], ...others } = values;
  const drawn = Object.entries(others).map(([set, numbers]) => [set, distribution(numbers, range, bins)]);
  return { bins, range, selected: distribution(selected, range, bins), ...Object.fromEntries(drawn) };
}

function rangeOf(sets: readonly (readonly number[])[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const numbers of sets) {
    for (const number of numbers) {
      low = Math.min(low, number);
      high = Math.max(high, number);
    }
  }
  return low <= high ? [low, high] : [0, 0];
}

function distribution(
  numbers: readonly number[],
  [low, high]: readonly [number, number],
  bins: number,
): NumericDistribution {
  const counts = new Array<number>(bins).fill(0);
  for (const number of numbers) {
    const share = high > low ? shareOf(number, low, high) : 0;
    const bin = Math.min(bins - 1, Math.floor(share * bins));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { counts, metrics: metricsOf(numbers) };
}

/** In halves, because the span of two float64 may be more than a float64 holds. */
const shareOf = (number: number, low: number, high: number): number =>
  (number / 2 - low / 2) / (high / 2 - low / 2 || Number.MIN_VALUE);

function metricsOf(numbers: readonly number[]): NumericDistribution['metrics'] {
  if (numbers.length === 0) return { mean: 0, std: 0, min: 0, median: 0, max: 0 };
  const sorted = Float64Array.from(numbers).sort();
  const unit = unitOf(sorted);
  const mean = sorted.reduce((sum, number) => sum + number / unit, 0) / sorted.length;
  const variance = sorted.reduce((sum, number) => sum + (number / unit - mean) ** 2, 0) / sorted.length;
  const at = (position: number): number => sorted[position] ?? 0;
  const middle = (sorted.length - 1) / 2;
  return {
    mean: mean * unit,
    std: Math.sqrt(variance) * unit,
    min: at(0),
    median: at(Math.floor(middle)) / 2 + at(Math.ceil(middle)) / 2,
    max: at(sorted.length - 1),
  };
}

/** Squares of larger numbers are more than a float64 holds. */
const LARGEST_SQUARED = 1e150;

/** What numbers are divided by before they are squared: 1 where they are of a usual size. */
function unitOf(sorted: Float64Array): number {
  const largest = Math.max(Math.abs(sorted[0] ?? 0), Math.abs(sorted.at(-1) ?? 0));
  return largest > LARGEST_SQUARED ? largest : 1;
}
