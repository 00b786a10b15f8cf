import type { Dataset, RawSample, Run } from '#contracts/items';
import { RESERVED_FOLDER } from '#contracts/s3-keys';
import type { Sample } from '#contracts/samples';
import type { RunConfig } from '#contracts/worker-config';
import { datasourceOf, isConfigured } from '#platform/datasources/datasources';
import type { GivenFacts } from '#platform/given-facts/given-facts';
import { type GivenFactsDeps, loadGivenFacts } from '#platform/given-facts/load-given-facts';
import { type NeededFacts, neededFacts } from '#selection/needed-facts';
import { type NarrowCandidatesDeps, narrowCandidates } from './narrow-candidates.ts';
import type { RunControl } from './run-control.ts';

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
 * @throws StopRun where images expire that the run is not to go on with; DatasourceError
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
  if (looksIntoLightly(needs, config)) await tryToRead(request, deps);
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
        ...unanalysedWarnings(samples),
        ...narrowed.warnings,
        ...given.warnings,
        ...described.warnings,
      ],
    },
  };
}

/** Nothing is known of the image of a sample that a client has added and that never came to where its images are. */
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

/** Tried before anything else, which may take its time. Winnow's own buckets need no try. @throws DatasourceError */
async function tryToRead({ dataset, config }: ReadGivenRequest, deps: ReadGivenDeps): Promise<void> {
  if (config.docker.datasource.bypassVerify) return;
  const lightly = datasourceOf(dataset, await deps.datasources.get(dataset.id), 'LIGHTLY');
  if (!isConfigured(lightly)) return;
  const objects = await deps.datasourceConnections.open(lightly);
  const { files } = await objects.list({ prefix: RESERVED_FOLDER, after: undefined, limit: 1 });
  // Where there is no such file, its absence is told only to those who may read it.
  const file = await objects.open(files[0]?.name ?? `${RESERVED_FOLDER}verify`, { bytes: 1 });
  file?.body.destroy();
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
