import { InvalidInputError } from '#contracts/errors';
import type { RunDecision, RunPlanHeader } from '#contracts/run-plan';
import type { DockerConfig } from '#contracts/worker-config';
import type { EmbeddingModel } from '#imaging/embedding-model';
import type { SortedCandidates } from '#platform/runs/sort-candidates';
import type { SelectionImage, SelectionQuery } from '#selection/candidate';
import { neededFacts } from '#selection/needed-facts';
import { type CropTask, cropTasks } from './crops/crop-tasks.ts';
import { type AnalysedReference, type CropEmbeddings, embedCrops } from './crops/embed-crops.ts';
import { plannedCrops, uploadedTasks } from './crops/planned-crops.ts';
import type { RunControl } from './run-control.ts';
import type { RunInput } from './run-input.ts';
import { type Checkpoint, checkpointText, parseCheckpoint } from './training/checkpoint.ts';
import { type ProjectionHead, project } from './training/projection-head.ts';
import { trainProjection } from './training/train-projection.ts';

/** Which vectors a selection looks at, beside those that were computed when images arrived. */
export interface ImageVectors {
  /** With its object crops, and its embeddings projected. */
  of(image: SelectionImage): SelectionImage;
  /** What images are compared with, projected as they are. */
  ofQuery(query: SelectionQuery): SelectionQuery;
  /** With the crops to cut out of each image that was selected. */
  withCrops(decisions: readonly RunDecision[]): readonly RunDecision[];
  /** For the plan: the file of what this run has fitted, and where it is to keep crops. */
  readonly left: Pick<RunPlanHeader, 'checkpoint' | 'cropDatasetNames'>;
}

/**
 * Looks at the images again, as far as the configuration asks for it: for object crops, and for training. Enters the
 * states on the way.
 *
 * @throws InvalidInputError where the configuration can't be carried out
 */
export async function imageVectors(
  input: RunInput,
  { selectable, datapool }: SortedCandidates,
  control: RunControl,
): Promise<ImageVectors> {
  const { config, given } = input;
  const images = [...selectable, ...datapool];
  const tasks = cropTasks(neededFacts(config.selection).cropTasks, config, given);
  if (tasks.length > 0) await control.enter('INITIALIZING_OBJECT_CROPS', cropsMessage(tasks));
  const onArrival = `of ${selectable.length} images was computed when they arrived.`;
  await control.enter('COMPUTING_METADATA', `Metadata ${onArrival}`);
  const model = lazyModel(images, control);
  const fitted = await fittedHere(input, images, model, control);
  const checkpoint = fitted ?? (await fittedBefore(input, model));
  await control.enter('EMBEDDING', `The embedding ${onArrival}${projectedText(checkpoint)}`);
  const crops = await cropsOf(images, tasks, model, control);
  const kept = uploadedTasks(config, tasks);
  return {
    of: (image) => withVectors(image, crops.get(image.fileName), checkpoint?.head),
    ofQuery: (query) => projectedQuery(query, checkpoint?.head),
    withCrops: (decisions) => decisions.map((decision) => plannedCrops(decision, kept)),
    left: { ...(fitted && { checkpoint: checkpointText(fitted) }), ...cropDatasetNames(config.docker) },
  };
}

function cropDatasetNames({ objectLevel }: DockerConfig): Pick<RunPlanHeader, 'cropDatasetNames'> {
  const { taskName, cropDatasetName } = objectLevel ?? {};
  return taskName && cropDatasetName ? { cropDatasetNames: { [taskName]: cropDatasetName } } : {};
}

const cropsMessage = (tasks: readonly CropTask[]): string =>
  `Object crops of ${tasks.map(({ name }) => name).join(', ')}.`;

function projectedText(checkpoint: Checkpoint | undefined): string {
  if (!checkpoint) return '';
  const { head, fit } = checkpoint;
  const [first = Number.NaN] = fit.losses;
  const loss = `loss ${first.toFixed(2)} to ${(fit.losses.at(-1) ?? Number.NaN).toFixed(2)}`;
  const from =
    fit.epochs > 0 ? `${fit.images} images in ${fit.epochs} epochs, ${loss}` : `${fit.images} images`;
  return ` The selection sees it projected to ${head.outputDimension} values by a head fitted to ${from}.`;
}

type LazyModel = () => Promise<EmbeddingModel | undefined>;

/** The one that has described the images; loaded when it is needed first. Undefined where there are no images. */
function lazyModel([image]: readonly AnalysedReference[], { images }: RunControl): LazyModel {
  let model: Promise<EmbeddingModel> | undefined;
  return async () => {
    if (image) model ??= images.model(image.facts.embeddingModel);
    return model;
  };
}

async function fittedHere(
  { config, given }: RunInput,
  images: readonly AnalysedReference[],
  modelOf: LazyModel,
  control: RunControl,
): Promise<Checkpoint | undefined> {
  const { training, docker } = config;
  const model = training && (await modelOf());
  if (!model) return undefined;
  const name = docker.training?.taskName;
  const [task] = name ? cropTasks([name], config, given) : [];
  await control.enter('TRAINING', 'Fitting a projection of the embeddings to the images of this run.');
  return trainProjection(images, { training, task, model }, control);
}

async function fittedBefore(
  { config, checkpoint: text }: RunInput,
  modelOf: LazyModel,
): Promise<Checkpoint | undefined> {
  const { checkpointRunId } = config.docker;
  const model = checkpointRunId && (await modelOf());
  if (!model || text === undefined) return undefined;
  const checkpoint = parseCheckpoint(text);
  const fits = checkpoint.head.inputDimension === model.dimension && checkpoint.embeddingModel === model.name;
  if (fits) return checkpoint;
  throw new InvalidInputError(
    `docker.checkpointRunId: run '${checkpointRunId}' was trained on embeddings of '${checkpoint.embeddingModel}', ` +
      `and the images of this dataset are described by '${model.name}'. Name a run that was trained on these.`,
  );
}

async function cropsOf(
  images: readonly AnalysedReference[],
  tasks: readonly CropTask[],
  modelOf: LazyModel,
  control: RunControl,
): Promise<ReadonlyMap<string, CropEmbeddings>> {
  const model = tasks.length > 0 ? await modelOf() : undefined;
  if (!model) return new Map();
  await control.enter('EMBEDDING_OBJECT_CROPS', `Embedding the objects in ${images.length} images.`);
  return embedCrops(images, tasks, model, control);
}

function withVectors(
  image: SelectionImage,
  crops: CropEmbeddings | undefined,
  head: ProjectionHead | undefined,
): SelectionImage {
  if (!crops && !head) return image;
  const look = (vector: Float32Array): Float32Array => (head ? project(head, vector) : vector);
  const looked = Object.entries(crops ?? {}).map(([task, vectors]) => [task, vectors.map(look)]);
  return { ...image, embedding: look(image.embedding), ...(crops && { crops: Object.fromEntries(looked) }) };
}

const projectedQuery = (query: SelectionQuery, head: ProjectionHead | undefined): SelectionQuery =>
  head ? { ...query, vectors: query.vectors.map((vector) => project(head, vector)) } : query;
