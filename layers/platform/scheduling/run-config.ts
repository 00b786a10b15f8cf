import { InvalidInputError } from '#contracts/errors';
import { parseWith } from '#contracts/schema';
import { type SelectionConfig, selectionConfig } from '#contracts/selection-config';
import { trainingConfig } from '#contracts/training-config';
import { dockerConfig, type RunConfig, type WorkerConfig } from '#contracts/worker-config';
import { ignoredOptions } from './ignored-options.ts';

type Document = Readonly<Record<string, unknown>>;

/**
 * What a run does by a worker config of any version. Options that the protocol knows and this worker does not are
 * named in `ignored`.
 *
 * @throws InvalidInputError `DOCKER_WORKER_CONFIG_INVALID` that names the JSON path of what no run could do
 */
export function runConfigOf({ version, document }: Pick<WorkerConfig, 'version' | 'document'>): RunConfig {
  const config = JSON.parse(document) as Document;
  const docker = partOf(config, 'docker');
  const selection = partOf(config, 'selection');
  try {
    const known = parseWith(dockerConfig, dockerPart(docker, version), 'docker');
    return {
      docker: known,
      selection: ofObjects(
        selection === undefined
          ? selectionWithoutConfig(docker)
          : parseWith(selectionConfig, present(selection), 'selection'),
        known.objectLevel?.taskName,
      ),
      ...(known.enableTraining && {
        training: parseWith(trainingConfig, present(config.lightly ?? {}), 'lightly'),
      }),
      ignored: ignoredOptions(config),
    };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw invalidWorkerConfig(error.message, error);
  }
}

export const invalidWorkerConfig = (reason: string, cause?: unknown): InvalidInputError =>
  new InvalidInputError(`The worker config can't be carried out. ${reason}`, {
    apiCode: 'DOCKER_WORKER_CONFIG_INVALID',
    cause,
  });

function partOf(document: Document | undefined, name: string): Document | undefined {
  const part = document?.[name];
  return typeof part === 'object' && part !== null ? (part as Document) : undefined;
}

/**
 * What is absent gets the protocol's default; null, on the wire, is absence. Before V4 there was no switch for the
 * datapool: it was always used.
 */
function dockerPart(docker: Document | undefined, version: WorkerConfig['version']): object {
  const known = Object.keys(dockerConfig.shape).map((name) => [name, present(docker?.[name])]);
  return {
    ...Object.fromEntries(known),
    corruptnessCheck: {
      corruptionThreshold: present(partOf(docker, 'corruptnessCheck')?.corruptionThreshold),
    },
    useDatapool: docker?.useDatapool ?? version !== 'V4',
  };
}

/** Object-level selection, as V2 has it: what is chosen for diversity is chosen for that of a task's objects. */
function ofObjects(selection: SelectionConfig, task: string | undefined): SelectionConfig {
  if (task === undefined) return selection;
  const strategies = selection.strategies.map((entry) =>
    entry.input.type === 'EMBEDDINGS' && entry.strategy.type === 'DIVERSITY'
      ? { ...entry, input: { task, ...entry.input } }
      : entry,
  );
  return { ...selection, strategies };
}

/** Without what is null, at every depth. */
function present(value: unknown): unknown {
  if (value === null) return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, present(part)]));
}

const RANDOM: SelectionConfig['strategies'] = [{ input: { type: 'RANDOM' }, strategy: { type: 'WEIGHTS' } }];

/**
 * Without a selection all images are chosen, unless the config is of the days when `method` and `stoppingCondition`
 * said which.
 */
function selectionWithoutConfig(docker: Document | undefined): SelectionConfig {
  const { nSamples, minDistance } = partOf(docker, 'stoppingCondition') ?? {};
  const isCount = typeof nSamples === 'number' && nSamples >= 1;
  const isShare = typeof nSamples === 'number' && nSamples > 0 && nSamples < 1;
  const hasDistance = typeof minDistance === 'number' && minDistance > 0;
  const many = isCount ? { nSamples: Math.round(nSamples) } : { proportionSamples: isShare ? nSamples : 1 };
  const isDiverse =
    docker?.method === 'coreset' || (docker?.method !== 'random' && (isCount || isShare || hasDistance));
  if (!isDiverse) return { ...many, strategies: RANDOM };
  const stop = hasDistance ? { stopping_condition_minimum_distance: minDistance } : {};
  return {
    ...many,
    strategies: [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY', ...stop } }],
  };
}
