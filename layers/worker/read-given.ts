import type { Dataset, RawSample, Run } from '#contracts/items';
import type { Sample } from '#contracts/samples';
import type { RunConfig } from '#contracts/worker-config';
import { datasourceOf, isConfigured } from '#platform/datasources/datasources';
import { verifyDatasources } from '#platform/datasources/verify-datasource';
import type { GivenFacts } from '#platform/given-facts/given-facts';
import { type GivenFactsDeps, loadGivenFacts } from '#platform/given-facts/load-given-facts';
import { type NeededFacts, neededFacts } from '#selection/needed-facts';
import { type NarrowCandidatesDeps, narrowCandidates } from './narrow-candidates.ts';
import type { RunControl } from './run-control.ts';
import { StopRun } from './stop-run.ts';

export type ReadGivenDeps = GivenFactsDeps & NarrowCandidatesDeps;

export interface ReadGivenRequest {
  readonly dataset: Dataset;
  readonly run: Pick<Run, 'createdAt' | 'userId'>;
  readonly config: RunConfig;
  /** As they are in the table. */
  readonly candidates: readonly RawSample[];
  readonly samples: readonly Sample[];
}

export interface ReadGiven {
  /** Those that the run is to look at. */
  readonly candidates: readonly RawSample[];
  readonly given: GivenFacts;
}

/**
 * Reads what users have given of the images of a run, as far as its configuration asks for it, and leaves out the
 * candidates that it is not to look at.
 *
 * @throws StopRun where a datasource can't be read, or images expire that the run is not to go on with
 * @throws InvalidInputError naming the file, or the field of the worker config, that has to be put right
 */
export async function readGiven(
  request: ReadGivenRequest,
  deps: ReadGivenDeps,
  control: Pick<RunControl, 'enter' | 'progress'>,
): Promise<ReadGiven> {
  const { dataset, run, config, samples } = request;
  const { docker } = config;
  const needs = withTrainingTask(neededFacts(config.selection), config);
  const warnings = looksIntoLightly(needs, config) ? await verifyLightly(request, deps) : [];
  const narrowed = await narrowCandidates(
    { dataset, run, docker, candidates: request.candidates },
    deps,
    control,
  );
  const { candidates } = narrowed;
  const loaded = `Loaded ${candidates.length} candidates and ${samples.length} samples of the dataset`;
  await control.enter('LOADING_METADATA', `${loaded}, with their metadata.`);
  const given = await loadGivenFacts(
    { dataset, userId: run.userId, needs, docker, candidates, samples },
    deps,
    {
      enterPredictions: (message) => control.enter('LOADING_PREDICTION', message),
      onFilesRead: (share) => control.progress(share),
    },
  );
  const described = withVectors(candidates, given);
  return {
    candidates: described.candidates,
    given: {
      ...given,
      warnings: [
        ...warnings,
        ...unanalysedWarnings(samples),
        ...narrowed.warnings,
        ...given.warnings,
        ...described.warnings,
      ],
    },
  };
}

/** Nothing is known of the image of a sample that a client has added and that never came to the landing folder. */
function unanalysedWarnings(samples: readonly Sample[]): string[] {
  const unanalysed = samples.filter(({ facts }) => !facts).length;
  if (unanalysed === 0) return [];
  return [
    `${unanalysed} samples were added by a client and have no embedding; the selection can't look at them.`,
  ];
}

const looksIntoLightly = (needs: NeededFacts, { docker }: RunConfig): boolean =>
  needs.tasks.length > 0 ||
  needs.usesCustomMetadata ||
  docker.embeddings !== undefined ||
  docker.relevantFilenamesFile !== undefined;

/** That it can be read is tried before, so that all that is refused is told at once. Winnow's own buckets need no try. */
async function verifyLightly({ dataset, config }: ReadGivenRequest, deps: ReadGivenDeps): Promise<string[]> {
  if (config.docker.datasource.bypassVerify) return [];
  const lightly = datasourceOf(dataset, await deps.datasources.get(dataset.id), 'LIGHTLY');
  if (!isConfigured(lightly)) return [];
  const { errors = {} } = await verifyDatasources({ input: lightly, lightly }, deps);
  const { canList, canRead, ...others } = errors;
  const refusals = [...new Set([canList, canRead].filter((error) => error !== undefined))];
  if (refusals.length > 0) {
    throw new StopRun(
      'FAILED',
      `The LIGHTLY datasource '${lightly.config.fullPath}' can't be read: ${refusals.join(' ')} ` +
        'docker.datasource.bypassVerify leaves this trial out.',
    );
  }
  return [...new Set(Object.values(others))].map(
    (error) => `The LIGHTLY datasource can't be written to, which this run does not do: ${error}`,
  );
}

/** Where vectors are given, an image without one can't be compared: it stays pending. */
function withVectors(candidates: readonly RawSample[], { embeddings }: GivenFacts) {
  if (!embeddings) return { candidates, warnings: [] };
  const described = candidates.filter(
    ({ state, fileName }) => state !== 'registered' || embeddings.has(fileName),
  );
  const others = candidates.length - described.length;
  if (others === 0) return { candidates, warnings: [] };
  return {
    candidates: described,
    warnings: [`${others} images have no row in the file of embeddings: left alone.`],
  };
}

/** Training on the objects of a task needs its predictions, whatever the selection looks at. */
function withTrainingTask(needs: NeededFacts, { docker, selection }: RunConfig): NeededFacts {
  const task = docker.training?.taskName;
  const isPredicted = task && !selection.autoTasks?.some(({ name }) => name === task);
  return isPredicted ? { ...needs, tasks: [...new Set([...needs.tasks, task])] } : needs;
}
