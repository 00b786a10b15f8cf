/** One ratio of two things that were run in turn in the same process. */
export interface Figure {
  readonly name: string;
  /** Median over the rounds. */
  readonly ratio: number;
  /** Smallest and largest ratio of a round: the machine's noise. */
  readonly low: number;
  readonly high: number;
  /** What is aimed for, for example `<= 2.5`. */
  readonly goal: string;
  /** What has to be known to read it. */
  readonly note?: string;
}

/** The figure of one ratio per round. */
export function figureOf(name: string, goal: string, ratios: readonly number[]): Figure {
  const sorted = [...ratios].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  const ratio = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
  return { name, goal, ratio, low: sorted[0] ?? Number.NaN, high: sorted.at(-1) ?? Number.NaN };
}
