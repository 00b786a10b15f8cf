import type { SelectionEntry, SelectionStrategy } from '#contracts/selection-config';
import type { SelectionCandidate, SelectionResult } from '#selection/select';
import { candidatesOf } from './selection-candidates.ts';

type Rules = Omit<SelectionStrategy, 'type'>;
export const balance = (
  rules: Rules,
  input: SelectionEntry['input'] = { type: 'METADATA', key: 'kind' },
) => ({
  input,
  strategy: { type: 'BALANCE' as const, ...rules },
});
export const withKinds = (...kinds: unknown[]): SelectionCandidate[] =>
  candidatesOf(
    kinds.map((_, at) => [at]),
    kinds.map((kind) => ({ kind })),
  );
export const countsOf = ({ chosen }: SelectionResult, kinds: readonly unknown[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { index } of chosen) counts[String(kinds[index])] = (counts[String(kinds[index])] ?? 0) + 1;
  return counts;
};

/** Pearson's distance between the shares of counts and target shares. */
export const chiSquare = (counts: readonly number[], shares: readonly number[]): number => {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((sum, count, at) => sum + (count / total - shares[at]!) ** 2 / shares[at]!, 0);
};

export const subsetsOf = (size: number, from: number): number[][] =>
  size === 0
    ? [[]]
    : Array.from({ length: from }, (_, last) =>
        subsetsOf(size - 1, last).map((rest) => [...rest, last]),
      ).flat();
