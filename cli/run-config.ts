import { z } from 'zod';
import { InvalidInputError } from '#contracts/errors';
import { parseJsonWith } from '#contracts/schema';
import { DEFAULT_SELECTION } from '#contracts/selection-config';
import type { ComputeWorkerConfig } from '../client/index.ts';

/** What is chosen on the command line. */
export interface RunChoices {
  readonly nSamples?: number;
  readonly proportion?: number;
  readonly allImages?: true;
  /** Whether earlier selections count. */
  readonly datapool: boolean;
}

const options = z.record(z.string(), z.unknown());
type Options = z.infer<typeof options>;
const PARTS = ['workerConfig', 'lightlyConfig', 'selectionConfig'] as const;
type Parts = Partial<Record<(typeof PARTS)[number], Options>>;

/**
 * The config of a run.
 * @param document JSON; what it says is overruled by the choices
 * @throws InvalidInputError where it is no config, or nothing says how much is selected
 */
export function runConfigOf(document: string | undefined, choices: RunChoices): ComputeWorkerConfig {
  const given = document === undefined ? {} : partsOf(parseJsonWith(options, document, 'The config'));
  const selectionConfig = selectionOf(given.selectionConfig, choices);
  if (document === undefined && !selectionConfig) {
    throw new InvalidInputError('How much is selected? Give --n-samples, --proportion or --config.');
  }
  const { workerConfig } = given;
  return {
    ...given,
    workerConfig: workerOf(workerConfig, choices),
    ...(selectionConfig && { selectionConfig }),
  };
}

/** A document without any of the parts is a selection. */
function partsOf(document: Options): Parts {
  const named = Object.entries(document).map(([name, value]) => [partOf(name), name, value] as const);
  if (named.every(([part]) => part === undefined)) return { selectionConfig: document };
  return Object.fromEntries(
    named.map(([part, name, value]) => {
      const parsed = options.safeParse(value);
      if (part !== undefined && parsed.success) return [part, parsed.data];
      throw new InvalidInputError(`'${name}' of the config is none of the objects ${PARTS.join(', ')}.`);
    }),
  );
}

const withoutCase = (name: string): string => name.replaceAll('_', '').toLowerCase();
const isCalled = (name: string, option: string): boolean => withoutCase(name) === withoutCase(option);
const partOf = (name: string) => PARTS.find((part) => isCalled(name, part));

function selectionOf(given: Options | undefined, { nSamples, proportion }: RunChoices): Options | undefined {
  if (nSamples === undefined && proportion === undefined) return given;
  const others = without(given ?? {}, 'nSamples', 'proportionSamples');
  const amount = nSamples === undefined ? { proportionSamples: proportion } : { nSamples };
  return { strategies: DEFAULT_SELECTION.strategies, ...others, ...amount };
}

/** Without the datapool, a run of a dataset that has samples is aborted. */
function workerOf(given: Options = {}, { datapool, allImages }: RunChoices): Options {
  const worker = datapool
    ? { useDatapool: true, ...given }
    : { ...without(given, 'useDatapool'), useDatapool: false };
  if (!allImages) return worker;
  const datasource = options.catch({}).parse(given.datasource);
  return { ...worker, datasource: { ...without(datasource, 'processAll'), processAll: true } };
}

const without = (given: Options, ...names: readonly string[]): Options =>
  Object.fromEntries(Object.entries(given).filter(([given]) => !names.some((name) => isCalled(given, name))));
