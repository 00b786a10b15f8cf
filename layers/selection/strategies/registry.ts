import { InvalidInputError } from '#contracts/errors';
import type { SelectionEntry } from '#contracts/selection-config';
import { diversity } from './diversity.ts';
import type { Strategy } from './strategy.ts';
import { metadataThreshold } from './threshold.ts';
import { metadataWeights, randomWeights } from './weights.ts';

/** Every pair of input and strategy that is understood. A new one is a file of its own and a line here. */
const STRATEGIES: readonly Strategy[] = [diversity, metadataThreshold, metadataWeights, randomWeights];

/**
 * The strategy that carries out an entry of a selection configuration.
 *
 * @param path - Where the entry is, for example `strategies[1]`.
 * @throws InvalidInputError that names the JSON path of what is not supported, or missing, and what is supported.
 */
export function strategyFor(entry: SelectionEntry, path: string): Strategy {
  const strategy = supportedPair(entry, path);
  refuseOtherFields(entry.input, strategy.inputFields, `${path}.input`, pairOf(strategy));
  refuseOtherFields(entry.strategy, strategy.strategyFields, `${path}.strategy`, pairOf(strategy));
  for (const field of strategy.required) requireField(entry, field, path, pairOf(strategy));
  strategy.check?.(entry, path);
  return strategy;
}

const pairOf = ({ input, strategy }: Strategy): string => `${input} with ${strategy}`;

function supportedPair({ input, strategy }: SelectionEntry, path: string): Strategy {
  const ofInput = STRATEGIES.filter((known) => known.input === input.type);
  if (ofInput.length === 0) throw notSupported(`${path}.input.type`, `input ${input.type}`);
  const found = ofInput.find((known) => known.strategy === strategy.type);
  if (!found) throw notSupported(`${path}.strategy.type`, `${input.type} with ${strategy.type}`);
  return found;
}

function notSupported(path: string, what: string): InvalidInputError {
  return new InvalidInputError(
    `${path}: ${what} is not supported. Supported are ${STRATEGIES.map(pairOf).join(', ')}.`,
  );
}

function refuseOtherFields(
  given: Readonly<Record<string, unknown>>,
  known: readonly string[],
  path: string,
  pair: string,
): void {
  for (const [field, value] of Object.entries(given)) {
    if (value === undefined || field === 'type' || known.includes(field)) continue;
    const supported = ['type', ...known].join(', ');
    throw new InvalidInputError(
      `${path}.${field} is not supported for ${pair}. Supported fields: ${supported}.`,
    );
  }
}

function requireField(entry: SelectionEntry, field: string, path: string, pair: string): void {
  const [part, name] = field.split('.') as ['input' | 'strategy', string];
  if ((entry[part] as Readonly<Record<string, unknown>>)[name] === undefined) {
    throw new InvalidInputError(`${path}.${field} is missing: ${pair} needs it.`);
  }
}
