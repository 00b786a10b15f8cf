import { InvalidInputError } from '#contracts/errors';
import { tasksFile } from '#contracts/lightly-files';
import type { PredictionTaskSchema } from '#contracts/predictions';
import type { Sample } from '#contracts/samples';
import type { ObjectId } from '#contracts/schema';
import type { ReadableDatasource } from '../datasources/datasource-objects.ts';
import { documentFolder } from '../datasources/listing/listed-files.ts';
import { isRelativePath } from '../datasources/paths.ts';
import type { PredictionStore } from '../predictions/predictions.ts';
import { type OnFilesRead, readDocument } from './document-files.ts';
import {
  type PredictionsOfTask,
  predictionsInFiles,
  schemaFileOf,
  taskSchemaInFile,
} from './file-predictions.ts';

export interface GivenPredictions {
  readonly task: PredictionTaskSchema;
  readonly predictions: PredictionsOfTask;
  readonly warnings: readonly string[];
}

interface TaskRequest {
  readonly datasetId: ObjectId;
  readonly taskName: string;
  readonly fileNames: readonly string[];
  /** Of the dataset, by index. */
  readonly samples: readonly Sample[];
  readonly onFilesRead?: OnFilesRead | undefined;
}

/**
 * What a task predicts, by its files below `.lightly/predictions/` and by what clients have posted for samples; what was
 * posted takes the place of a file. Undefined where nobody has told of such a task.
 *
 * @throws InvalidInputError where a schema is not valid, the two schemas differ, or no file is valid
 */
export async function givenPredictions(
  request: TaskRequest,
  objects: ReadableDatasource,
  { predictions: stored }: { readonly predictions: Pick<PredictionStore, 'getTask' | 'range'> },
): Promise<GivenPredictions | undefined> {
  const { datasetId, taskName, samples } = request;
  if (!isRelativePath(taskName)) {
    throw new InvalidInputError(
      `The name of prediction task '${taskName}' can't be that of a folder: it may not have '.' and '..' between slashes.`,
    );
  }
  const [inFile, posted] = await Promise.all([
    taskSchemaInFile(objects, taskName),
    stored.getTask(datasetId, taskName),
  ]);
  const task = posted ?? inFile;
  if (!task) return undefined;
  if (inFile && posted) requireSame(inFile, posted);
  const { predictions, warnings } = inFile
    ? await predictionsInFiles(objects, inFile, request.fileNames, request.onFilesRead)
    : { predictions: new Map() as PredictionsOfTask, warnings: [] };
  if (posted) {
    const last = samples.at(-1)?.index ?? -1;
    const nameAt = new Map(samples.map(({ index, fileName }) => [index, fileName]));
    for await (const { index, singletons } of stored.range(datasetId, 0, last + 1, taskName)) {
      const fileName = nameAt.get(index);
      if (fileName !== undefined) predictions.set(fileName, singletons);
    }
  }
  return { task, predictions, warnings };
}

/** Predictions name categories by id, and probabilities by position: both have to mean the same everywhere. */
function requireSame(inFile: PredictionTaskSchema, posted: PredictionTaskSchema): void {
  const meaning = ({ type, categories }: PredictionTaskSchema): string =>
    JSON.stringify([type, categories.map(({ id, name }) => [id, name])]);
  if (meaning(inFile) === meaning(posted)) return;
  throw new InvalidInputError(
    `Prediction task '${inFile.name}' is of another type, or has other categories, in ${schemaFileOf(inFile.name)} ` +
      'than through the API. Make the two schemas the same.',
  );
}

/** A sentence that says which tasks there are, for whoever named another one. */
export async function knownTasks(
  datasetId: ObjectId,
  objects: ReadableDatasource,
  { predictions }: { readonly predictions: Pick<PredictionStore, 'listTasks'> },
): Promise<string> {
  const listed = (await readDocument(objects, `${documentFolder('predictions')}tasks.json`, tasksFile)) ?? [];
  const names = new Set(listed);
  for await (const { name } of predictions.listTasks(datasetId)) names.add(name);
  if (names.size === 0) return 'The dataset has no prediction tasks.';
  return `The dataset has: ${[...names].toSorted().join(', ')}.`;
}
