import type { SelectionEntry } from '#contracts/selection-config';
import { type SelectionCandidate, type SelectionResult, select } from '#selection/select';
import { candidatesOf } from './selection-candidates.ts';

export const indexes = ({ chosen }: SelectionResult): number[] => chosen.map(({ index }) => index);
export const weights = (key: string, strength?: number): SelectionEntry => ({
  input: { type: 'METADATA', key },
  strategy: { type: 'WEIGHTS', ...(strength === undefined ? {} : { strength }) },
});
export const random = (randomSeed?: number): SelectionEntry => ({
  input: { type: 'RANDOM', ...(randomSeed === undefined ? {} : { randomSeed }) },
  strategy: { type: 'WEIGHTS' },
});
export const diversity = (strength = 1): SelectionEntry => ({
  input: { type: 'EMBEDDINGS' },
  strategy: { type: 'DIVERSITY', strength },
});
export const threshold = (
  key: string,
  operation: NonNullable<SelectionEntry['strategy']['operation']>,
  limit: number,
): SelectionEntry => ({
  input: { type: 'METADATA', key },
  strategy: { type: 'THRESHOLD', operation, threshold: limit },
});
export const choose = (
  strategies: SelectionEntry[],
  candidates: SelectionCandidate[],
  nSamples = 10_000,
  preselected: SelectionCandidate[] = [],
) => select({ config: { nSamples, strategies }, candidates, preselected });
export const withValues = (...values: unknown[]) =>
  candidatesOf(
    values.map(() => [0]),
    values.map((value) => ({ value })),
  );
