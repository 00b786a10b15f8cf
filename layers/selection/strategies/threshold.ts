import { InvalidInputError } from '#contracts/errors';
import type { SelectionEntry, SelectionStrategy } from '#contracts/selection-config';
import type { SelectionCandidate } from '../candidate.ts';
import { numberAt } from '../inputs/metadata.ts';
import { checkMetadataKey } from './metadata-key.ts';
import type { FilterStrategy } from './strategy.ts';

type Operation = NonNullable<SelectionStrategy['operation']>;

const OPERATIONS: Record<Operation, { holds: (value: number, limit: number) => boolean; words: string }> = {
  SMALLER: { holds: (value, limit) => value < limit, words: 'smaller than' },
  SMALLER_EQUAL: { holds: (value, limit) => value <= limit, words: 'smaller than or equal to' },
  BIGGER: { holds: (value, limit) => value > limit, words: 'bigger than' },
  BIGGER_EQUAL: { holds: (value, limit) => value >= limit, words: 'bigger than or equal to' },
};

/** Only candidates whose number keeps to a limit. A candidate without the number fails. */
export const metadataThreshold: FilterStrategy = {
  kind: 'filter',
  input: 'METADATA',
  strategy: 'THRESHOLD',
  inputFields: ['key'],
  strategyFields: ['threshold', 'operation'],
  required: ['input.key', 'strategy.threshold', 'strategy.operation'],
  check: checkMetadataKey,
  filter: thresholdFilter,
};

function thresholdFilter({ input: { key }, strategy }: SelectionEntry) {
  const { threshold, operation } = strategy;
  if (key === undefined || threshold === undefined || operation === undefined) {
    throw new InvalidInputError('A THRESHOLD needs input.key, strategy.threshold and strategy.operation.');
  }
  const { holds, words } = OPERATIONS[operation];
  return (candidate: SelectionCandidate): string | undefined => {
    const value = numberAt(candidate, key);
    if (value === undefined) return `It has no number at ${key}, which must be ${words} ${threshold}.`;
    return holds(value, threshold) ? undefined : `${key} is ${value}, which is not ${words} ${threshold}.`;
  };
}
