import { CONFIG_KEYS, type ConfigKeys } from './contract.gen.ts';
import { closestTo } from './did-you-mean.ts';
import { InvalidConfigurationError } from './errors.ts';
import type {
  DockerWorkerConfigV3Lightly,
  DockerWorkerConfigV4Docker,
  SelectionConfigV4,
} from './protocol.ts';

/** Options in the manner of Python, `num_processes`, are as good as those of the protocol, `numProcesses`. */
type InEitherCase<Config> = Config | Readonly<Record<string, unknown>>;

/** What a worker does in a run. */
export interface ComputeWorkerConfig {
  /** How images are read and what is made of them. */
  readonly workerConfig?: InEitherCase<DockerWorkerConfigV4Docker> | undefined;
  /** How embeddings are trained and made. */
  readonly lightlyConfig?: InEitherCase<DockerWorkerConfigV3Lightly> | undefined;
  /** Which images are chosen. */
  readonly selectionConfig?: InEitherCase<SelectionConfigV4> | undefined;
}

/** The config as the protocol has it. @throws InvalidConfigurationError that names an option which does not exist */
export function wireConfigOf({ workerConfig, lightlyConfig, selectionConfig }: ComputeWorkerConfig) {
  const { docker, lightly, selection } = CONFIG_KEYS;
  return {
    workerType: 'FULL',
    ...(workerConfig && { docker: wireValue(workerConfig, docker, 'worker') as DockerWorkerConfigV4Docker }),
    ...(lightlyConfig && {
      lightly: wireValue(lightlyConfig, lightly, 'lightly') as DockerWorkerConfigV3Lightly,
    }),
    ...(selectionConfig && {
      selection: wireValue(selectionConfig, selection, 'selection') as SelectionConfigV4,
    }),
  } as const;
}

function wireValue(value: unknown, keys: ConfigKeys | true | undefined, place: string): unknown {
  if (keys === true || keys === undefined || value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((entry, index) => wireValue(entry, keys, `${place}[${index}]`));
  return Object.fromEntries(
    Object.entries(value).map(([given, inner]) => {
      const name = Object.keys(keys).find((known) => withoutCase(known) === withoutCase(given));
      if (name === undefined) throw unknownOption(given, Object.keys(keys), place);
      return [name, wireValue(inner, keys[name], `${place}.${given}`)];
    }),
  );
}

const withoutCase = (name: string): string => name.replaceAll('_', '').toLowerCase();

/** The suggestion is written as the option was. */
function unknownOption(given: string, known: readonly string[], place: string): InvalidConfigurationError {
  const names = given.includes('_') || given === given.toLowerCase() ? known.map(inSnakeCase) : known;
  return new InvalidConfigurationError(
    `Option '${given}' of the ${place} config does not exist. Did you mean '${closestTo(given, names)}'?`,
  );
}

const inSnakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
