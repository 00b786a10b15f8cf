import { modelNameOf } from '#contracts/embedding-models';
import { InvalidInputError } from '#contracts/errors';
import type { Dataset, RawSample } from '#contracts/items';
import type { Sample } from '#contracts/samples';
import type { ObjectId } from '#contracts/schema';
import type { DockerConfig } from '#contracts/worker-config';
import type { FactNeeds } from '../../contracts/fact-needs.ts';
import { memberOf } from '../access/team.ts';
import type { UserStore } from '../access/users.ts';
import type { MetadataConfigurationStore } from '../datasets/metadata-configurations.ts';
import type { ReadableDatasource } from '../datasources/datasource-objects.ts';
import { type OpenDatasourceDeps, openDatasource } from '../datasources/open-datasource.ts';
import type { PredictionStore } from '../predictions/predictions.ts';
import type { ScoreStore } from '../scores/scores.ts';
import { type GivenMetadata, givenMetadata } from './custom-metadata.ts';
import type { OnFilesRead } from './document-files.ts';
import { givenEmbeddings } from './given-embeddings.ts';
import { type GivenFacts, NOTHING_GIVEN } from './given-facts.ts';
import { type GivenPredictions, givenPredictions, knownTasks } from './given-predictions.ts';
import { givenScores, type ScoresByTask } from './given-scores.ts';
import { type QueryVectorsDeps, queryVectors } from './query-vectors.ts';

/** What is read for which run. */
export interface GivenFactsRequest {
  readonly dataset: Dataset;
  /** The run's owner, whose rights decide which other datasets may be looked at. */
  readonly userId: ObjectId;
  readonly needs: FactNeeds;
  readonly docker: Pick<DockerConfig, 'embeddings' | 'normalizeEmbeddings'>;
  readonly candidates: readonly RawSample[];
  /** All samples that the dataset has, by index. */
  readonly samples: readonly Sample[];
}

export interface GivenFactsDeps extends OpenDatasourceDeps, QueryVectorsDeps {
  readonly users: Pick<UserStore, 'get'>;
  readonly predictions: Pick<PredictionStore, 'getTask' | 'listTasks' | 'range'>;
  readonly scores: Pick<ScoreStore, 'list' | 'read'>;
  readonly metadataConfigurations: Pick<MetadataConfigurationStore, 'get'>;
}

/** How reading tells where it stands. What these throw ends it. */
export interface GivenFactsProgress {
  /** Metadata and embeddings are read; predictions are next. Not called where none are needed. */
  readonly enterPredictions: (message: string) => Promise<void>;
  /** Of the files that are being read, 0 to 1. */
  readonly onFilesRead: OnFilesRead;
}

/**
 * What users have given of the images of a run, in files below `.lightly/` and through the API, as far as its
 * configuration asks for it. Nothing is opened where it asks for nothing.
 *
 * @throws InvalidInputError naming the file, or the field of the worker config, that has to be put right
 */
export async function loadGivenFacts(
  request: GivenFactsRequest,
  deps: GivenFactsDeps,
  progress: GivenFactsProgress,
): Promise<GivenFacts> {
  const fileNames = namesOf(request);
  const lightly = openedOnce(request.dataset, deps);
  const known = { ...request, fileNames, lightly, onFilesRead: progress.onFilesRead };
  const metadata = await readMetadata(known, deps);
  const embeddings = await readEmbeddings(known);
  const queries = await readQueries(request, deps);
  const { tasks } = request.needs;
  if (tasks.length > 0) await progress.enterPredictions(`Reading predictions of ${tasks.join(', ')}.`);
  const scores = await givenScores(request.dataset.id, request.needs.scores, request.samples, deps);
  const predicted = await readPredictions(known, scores, deps);
  return {
    tasks: predicted.map(({ task }) => task),
    predictions: new Map(predicted.map(({ task, predictions }) => [task.name, predictions])),
    scores,
    metadata: metadata.metadata,
    ...(embeddings && { embeddings }),
    queries,
    warnings: [...metadata.warnings, ...predicted.flatMap(({ warnings }) => warnings)],
  };
}

/** What is being read of which images, and from where. */
interface Reading extends GivenFactsRequest {
  readonly fileNames: readonly string[];
  readonly lightly: () => Promise<ReadableDatasource>;
  readonly onFilesRead: OnFilesRead;
}

/** Opens the LIGHTLY datasource when it is first needed. */
function openedOnce(dataset: Dataset, deps: OpenDatasourceDeps): Reading['lightly'] {
  let opened: Promise<ReadableDatasource> | undefined;
  return () => {
    opened ??= openDatasource(dataset, 'LIGHTLY', deps).then(({ objects }) => objects);
    return opened;
  };
}

async function readMetadata(
  { dataset, needs, fileNames, samples, lightly, onFilesRead }: Reading,
  deps: GivenFactsDeps,
): Promise<GivenMetadata> {
  if (!needs.usesCustomMetadata) return { metadata: NOTHING_GIVEN.metadata, warnings: [] };
  const configured = await configuredFields(dataset, deps);
  return givenMetadata({ fileNames, samples, configured, onFilesRead }, await lightly());
}

async function readEmbeddings({ docker, fileNames, lightly }: Reading): Promise<GivenFacts['embeddings']> {
  const { embeddings: file, normalizeEmbeddings: isNormalized } = docker;
  return file === undefined ? undefined : givenEmbeddings({ file, isNormalized, fileNames }, await lightly());
}

/** One task after the other: each reads many files at a time. */
async function readPredictions(
  { dataset, needs, fileNames, samples, lightly, onFilesRead }: Reading,
  scores: ScoresByTask,
  deps: GivenFactsDeps,
): Promise<GivenPredictions[]> {
  const predicted: GivenPredictions[] = [];
  for (const taskName of needs.tasks) {
    const ofTask = { datasetId: dataset.id, taskName, fileNames, samples, onFilesRead };
    const found = await givenPredictions(ofTask, await lightly(), deps);
    if (found) predicted.push(found);
    else if (!hasAllScores(taskName, needs, scores))
      throw await unknownTask(taskName, dataset, await lightly(), deps);
  }
  return predicted;
}

/** Images that a run looks at: candidates, and samples that count as chosen already. */
function namesOf({ candidates, samples }: GivenFactsRequest): string[] {
  const registered = candidates.filter(({ state }) => state === 'registered');
  const names = [...registered, ...samples].map(({ fileName }) => fileName);
  return [...new Set(names)].sort();
}

async function configuredFields(
  { id, metaDataConfigurationId }: Dataset,
  { metadataConfigurations }: GivenFactsDeps,
) {
  if (metaDataConfigurationId === undefined) return [];
  return (await metadataConfigurations.get(id, metaDataConfigurationId))?.configs ?? [];
}

async function readQueries({ dataset, needs, userId, docker }: GivenFactsRequest, deps: GivenFactsDeps) {
  if (needs.queries.length === 0) return [];
  if (docker.embeddings !== undefined) {
    throw new InvalidInputError(
      "docker.embeddings: the vectors of a file can't be compared with those of a tag, which SIMILARITY asks for. " +
        'Use one of the two.',
    );
  }
  const model = modelNameOf(dataset.settings.ingest.embeddingModel);
  return queryVectors(needs.queries, { caller: await memberOf(userId, deps), model }, deps);
}

/** Then nothing needs to be known of the task itself. */
function hasAllScores(taskName: string, needs: FactNeeds, scores: ScoresByTask): boolean {
  const ofTask = needs.scores.filter(({ task }) => task === taskName);
  return ofTask.length > 0 && ofTask.every(({ score }) => scores.get(taskName)?.has(score));
}

async function unknownTask(
  taskName: string,
  { id }: Dataset,
  objects: ReadableDatasource,
  deps: GivenFactsDeps,
): Promise<InvalidInputError> {
  return new InvalidInputError(
    `input.task: there is no prediction task '${taskName}': neither .lightly/predictions/${taskName}/schema.json in the ` +
      `LIGHTLY datasource nor one that was posted. ${await knownTasks(id, objects, deps)}`,
  );
}
