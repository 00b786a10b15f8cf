import {
  type FilePrediction,
  predictionFile,
  type TaskSchemaFile,
  taskSchemaFile,
} from '#contracts/lightly-files';
import type { PredictionSingleton, PredictionTaskSchema } from '#contracts/predictions';
import type { ReadableDatasource } from '../datasources/datasource-objects.ts';
import { documentFolder } from '../datasources/listing/listed-files.ts';
import { existingDocuments, type OnFilesRead, readDocument, readDocuments } from './document-files.ts';
import { ImageDocuments } from './image-documents.ts';
import { SkippedFiles } from './skipped-files.ts';

const TYPES = {
  classification: 'CLASSIFICATION',
  'object-detection': 'OBJECT_DETECTION',
  'semantic-segmentation': 'SEMANTIC_SEGMENTATION',
  'instance-segmentation': 'INSTANCE_SEGMENTATION',
  'keypoint-detection': 'KEYPOINT_DETECTION',
} as const satisfies Record<TaskSchemaFile['task_type'], PredictionTaskSchema['type']>;

/** What a task predicts, by file name of the image. */
export type PredictionsOfTask = Map<string, readonly PredictionSingleton[]>;

/**
 * The schema of a task by its file. Undefined where there is none.
 * @throws InvalidInputError naming the file where it is not valid
 */
export async function taskSchemaInFile(
  objects: Pick<ReadableDatasource, 'open'>,
  name: string,
): Promise<PredictionTaskSchema | undefined> {
  const file = await readDocument(objects, schemaFileOf(name), uniqueTaskSchema);
  if (!file) return undefined;
  return {
    name,
    type: TYPES[file.task_type],
    categories: file.categories.map((category) => ({
      id: category.id,
      name: category.name,
      ...(category.keypoint_names && { keypointNames: category.keypoint_names }),
      ...(category.keypoint_skeleton && { keypointSkeleton: category.keypoint_skeleton }),
    })),
  } as PredictionTaskSchema;
}

export const schemaFileOf = (task: string): string => `${documentFolder('predictions', task)}schema.json`;

const areDistinct = (values: readonly unknown[]): boolean => new Set(values).size === values.length;
const uniqueTaskSchema = taskSchemaFile
  .refine(({ categories }) => areDistinct(categories.map(({ id }) => id)), {
    message: 'two categories have the same id',
    path: ['categories'],
  })
  .refine(({ categories }) => areDistinct(categories.map(({ name }) => name)), {
    message: 'two categories have the same name',
    path: ['categories'],
  });

/**
 * What the files of a task predict for these images. An image without a valid file has no entry; one whose file names no
 * object has an empty one.
 *
 * @throws InvalidInputError where there are files and not one of them is valid
 */
export async function predictionsInFiles(
  objects: Pick<ReadableDatasource, 'list' | 'open'>,
  task: PredictionTaskSchema,
  fileNames: Iterable<string>,
  onFilesRead?: OnFilesRead,
): Promise<{ readonly predictions: PredictionsOfTask; readonly warnings: readonly string[] }> {
  const documents = new ImageDocuments(documentFolder('predictions', task.name), fileNames);
  const schemaFile = schemaFileOf(task.name);
  const found = await existingDocuments(objects, documents.names());
  const files = found.filter(({ name }) => name !== schemaFile);
  const predictions: PredictionsOfTask = new Map();
  const skipped = new SkippedFiles(`prediction files of task '${task.name}'`);
  const categories = new Map(task.categories.map(({ id }, position) => [id, position]));
  await readDocuments(objects, files, {
    schema: predictionFile,
    onFilesRead,
    skip: (file, reason) => skipped.noteInvalid(file, reason),
    take: (file, { file_name: fileName, predictions: ofImage }) => {
      const images = documents.imagesOf(file, fileName);
      if (images.length === 0) return skipped.noteForeign(file, `its file_name is '${fileName}'`);
      const read = singletonsOf(ofImage, task, categories);
      if (typeof read === 'string') return skipped.noteInvalid(file, read);
      skipped.noteUsed();
      for (const image of images) predictions.set(image, read);
    },
  });
  return { predictions: sortedByName(predictions), warnings: skipped.warnings() };
}

/** Files are read in no particular order. */
const sortedByName = (predictions: PredictionsOfTask): PredictionsOfTask =>
  new Map([...predictions].sort(([a], [b]) => (a < b ? -1 : 1)));

/** Or what is wrong with them. */
function singletonsOf(
  predictions: readonly FilePrediction[],
  task: PredictionTaskSchema,
  categories: ReadonlyMap<number, number>,
): PredictionSingleton[] | string {
  const singletons: PredictionSingleton[] = [];
  for (const [at, prediction] of predictions.entries()) {
    const position = categories.get(prediction.category_id);
    const read =
      position === undefined
        ? `category_id ${prediction.category_id} is of no category of the task`
        : singletonOf(prediction, task, position);
    if (typeof read === 'string') return `predictions.${at}: ${read}`;
    singletons.push(read);
  }
  return singletons;
}

/** @param position of the prediction's category among those of the task */
function singletonOf(
  prediction: FilePrediction,
  { name: taskName, type, categories }: PredictionTaskSchema,
  position: number,
): PredictionSingleton | string {
  const { category_id: categoryId, probabilities } = prediction;
  if (probabilities && probabilities.length !== categories.length) {
    return `there are ${probabilities.length} probabilities, and the task has ${categories.length} categories`;
  }
  const score = prediction.score ?? probabilities?.[position];
  if (score === undefined) return 'there is neither a score nor probabilities';
  const base = { taskName, categoryId, score, ...(probabilities && { probabilities }) };
  return shapeOf(prediction, base, type);
}

function shapeOf(
  { bbox, segmentation, keypoints }: FilePrediction,
  base: Pick<PredictionSingleton, 'taskName' | 'categoryId' | 'score' | 'probabilities'>,
  type: PredictionTaskSchema['type'],
): PredictionSingleton | string {
  switch (type) {
    case 'CLASSIFICATION':
      return { type, ...base };
    case 'OBJECT_DETECTION':
      return bbox ? { type, ...base, bbox } : 'there is no bbox';
    case 'SEMANTIC_SEGMENTATION':
      return segmentation ? { type, ...base, segmentation } : 'there is no segmentation';
    case 'INSTANCE_SEGMENTATION':
      return segmentation && bbox
        ? { type, ...base, segmentation, bbox }
        : 'there is no segmentation, or no bbox beside it';
    case 'KEYPOINT_DETECTION':
      return keypoints ? { type, ...base, keypoints, ...(bbox && { bbox }) } : 'there are no keypoints';
    default:
      return type satisfies never;
  }
}
