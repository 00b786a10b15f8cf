import { valuePaths } from '#contracts/schema';
import { selectionConfig } from '#contracts/selection-config';
import { trainingConfig } from '#contracts/training-config';
import { dockerConfig } from '#contracts/worker-config';

/** What the built-in worker acts on: what its schemas know, and what `runConfigOf` makes a selection of. */
const OBEYED = new Set([
  'workerType',
  ...valuePaths(dockerConfig, 'docker'),
  ...valuePaths(selectionConfig, 'selection'),
  ...valuePaths(trainingConfig, 'lightly'),
  'docker.method',
  'docker.stoppingCondition.nSamples',
  'docker.stoppingCondition.minDistance',
]);

/** What changes nothing of the result: how fast a worker is. */
const WITHOUT_EFFECT = new Set([
  'docker.numProcesses',
  'docker.numThreads',
  'docker.cacheSize',
  'docker.outputImageFormat',
  'lightly.loader.numWorkers',
  'lightly.trainer.gpus',
  'lightly.trainer.precision',
]);

/** What the built-in worker does anyway. */
const DONE_ANYWAY: Readonly<Record<string, unknown>> = {
  'docker.pretagging': false,
  'docker.pretaggingUpload': false,
  'lightly.loader.shuffle': true,
  'lightly.loader.dropLast': true,
  'lightly.collate.rrProb': 0,
};

/**
 * JSON paths of what a worker config asks for and the built-in worker does not do.
 * @param document the protocol's `DockerWorkerConfig` of any version
 */
export function ignoredOptions(document: Readonly<Record<string, unknown>>): string[] {
  return [...valuesIn(document, '')]
    .filter(([path, value]) => !OBEYED.has(path) && !WITHOUT_EFFECT.has(path) && DONE_ANYWAY[path] !== value)
    .map(([path]) => path);
}

/** No option of the protocol is deeper inside a document. */
const DEEPEST = 4;

/** The values of a document by their path; lists are values, and what is empty is none. */
function* valuesIn(document: object, path: string, depth = 1): Generator<[path: string, value: unknown]> {
  for (const [name, value] of Object.entries(document)) {
    const valuePath = path === '' ? name : `${path}.${name}`;
    if (value === null || (Array.isArray(value) && value.length === 0)) continue;
    if (typeof value === 'object' && !Array.isArray(value) && depth < DEEPEST) {
      yield* valuesIn(value, valuePath, depth + 1);
    } else {
      yield [valuePath, value];
    }
  }
}
