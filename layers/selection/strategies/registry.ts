import { InvalidInputError } from '#contracts/errors';
import type { SelectionEntry } from '#contracts/selection-config';
import { countBalance, distributionBalance, metadataBalance } from './balance.ts';
import { diversity } from './diversity.ts';
import { objectDiversity } from './object-diversity.ts';
import { similarity } from './similarity.ts';
import type { Strategy } from './strategy.ts';
import { countThreshold, metadataThreshold, scoreThreshold } from './threshold.ts';
import { typicality } from './typicality.ts';
import { countWeights, metadataWeights, randomWeights, scoreWeights } from './weights.ts';

/** Every pair of input and strategy that is understood. A new one is a file of its own and a line here. */
const STRATEGIES: readonly Strategy[] = [
  diversity,
  objectDiversity,
  typicality,
  similarity,
  scoreThreshold,
  scoreWeights,
  metadataThreshold,
  metadataWeights,
  metadataBalance,
  countThreshold,
  countWeights,
  countBalance,
  distributionBalance,
  randomWeights,
];

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

const inputOf = ({ input, inputName, ofObjects }: Strategy): string =>
  [input, inputName, ofObjects && 'of a task'].filter(Boolean).join(' ');
const pairOf = (strategy: Strategy): string => `${inputOf(strategy)} with ${strategy.strategy}`;

function supportedPair({ input, strategy }: SelectionEntry, path: string): Strategy {
  if (input.type === 'PREDICTIONS' && input.name === undefined) {
    throw new InvalidInputError(`${path}.input.name is missing: PREDICTIONS need it.`);
  }
  const ofInput = STRATEGIES.filter(
    (known) => known.input === input.type && (known.inputName ?? input.name) === input.name,
  );
  const found = ofInput.filter((known) => known.strategy === strategy.type);
  const ofObjects = input.task === undefined ? undefined : true;
  const exact = found.find((known) => known.ofObjects === ofObjects) ?? found[0];
  if (exact) return exact;
  const name = [input.type, input.name].filter(Boolean).join(' ');
  const others = STRATEGIES.filter((known) => known.strategy === strategy.type).map(inputOf);
  throw new InvalidInputError(
    `${path}.strategy.type: ${name} with ${strategy.type} is not supported. ` +
      `Supported with ${name} are ${namesOf(ofInput.map((known) => known.strategy))}; ` +
      `${strategy.type} is supported with ${namesOf(others)}.`,
  );
}

const namesOf = (names: readonly string[]): string => [...new Set(names)].join(', ');

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
