import { InvalidInputError } from '#contracts/errors';
import type { SelectionEntry, SelectionStrategy } from '#contracts/selection-config';
import type { SelectionCandidate } from '../candidate.ts';
import { scalarInput } from '../inputs/scalar.ts';
import { checkMetadataKey } from './metadata-key.ts';
import type { FilterStrategy, SelectionFacts } from './strategy.ts';

type Operation = NonNullable<SelectionStrategy['operation']>;

const OPERATIONS: Record<Operation, { holds: (value: number, limit: number) => boolean; words: string }> = {
  SMALLER: { holds: (value, limit) => value < limit, words: 'smaller than' },
  SMALLER_EQUAL: { holds: (value, limit) => value <= limit, words: 'smaller than or equal to' },
  BIGGER: { holds: (value, limit) => value > limit, words: 'bigger than' },
  BIGGER_EQUAL: { holds: (value, limit) => value >= limit, words: 'bigger than or equal to' },
};

const THRESHOLD = {
  kind: 'filter',
  strategy: 'THRESHOLD',
  strategyFields: ['threshold', 'operation'],
  filter: thresholdFilter,
} as const;
const LIMIT = ['strategy.threshold', 'strategy.operation'];

/** Only candidates whose number at a key keeps to a limit. A candidate without the number fails. */
export const metadataThreshold: FilterStrategy = {
  ...THRESHOLD,
  input: 'METADATA',
  inputFields: ['key'],
  required: ['input.key', ...LIMIT],
  check: checkMetadataKey,
};

/** Only candidates whose active-learning score keeps to a limit. */
export const scoreThreshold: FilterStrategy = {
  ...THRESHOLD,
  input: 'SCORES',
  inputFields: ['task', 'score'],
  required: ['input.task', 'input.score', ...LIMIT],
};

/** Only candidates with so many predicted objects. One that the task says nothing of fails. */
export const countThreshold: FilterStrategy = {
  ...THRESHOLD,
  input: 'PREDICTIONS',
  inputName: 'CATEGORY_COUNT',
  inputFields: ['task', 'name', 'categories'],
  required: ['input.task', ...LIMIT],
};

function thresholdFilter(entry: SelectionEntry, path: string, { tasks }: SelectionFacts) {
  const { threshold, operation } = entry.strategy;
  if (threshold === undefined || operation === undefined) {
    throw new InvalidInputError(`${path}.strategy: a THRESHOLD needs threshold and operation.`);
  }
  const { name, missing, numberOf } = scalarInput(entry, path, tasks);
  const { holds, words } = OPERATIONS[operation];
  return (candidate: SelectionCandidate): string | undefined => {
    const value = numberOf(candidate);
    if (value === undefined) return `It has ${missing}, and ${name} must be ${words} ${threshold}.`;
    return holds(value, threshold) ? undefined : `${name} is ${value}, which is not ${words} ${threshold}.`;
  };
}
