import { InvalidInputError, NotFoundError } from '#contracts/errors';
import type { PredictionSingleton, PredictionTaskSchema } from '#contracts/predictions';
import type { ObjectId } from '#contracts/schema';
import { LONGEST_TASK_NAME } from '#contracts/task-name';
import type { PredictionStore } from './predictions.ts';

interface Deps {
  readonly predictions: PredictionStore;
  readonly now: () => number;
}

/**
 * Creates a task, or replaces its schema; predictions that are there stay.
 *
 * @throws InvalidInputError where the name is empty or too long, or two categories have the same id or name
 */
export async function saveTaskSchema(
  datasetId: ObjectId,
  schema: PredictionTaskSchema,
  { predictions, now }: Deps,
): Promise<void> {
  if (schema.name.length < 1 || schema.name.length > LONGEST_TASK_NAME) {
    throw new InvalidInputError(
      `name: expected 1 to ${LONGEST_TASK_NAME} characters but received ${schema.name.length}.`,
    );
  }
  requireUnique(schema, 'id');
  requireUnique(schema, 'name');
  await predictions.putTask(datasetId, schema, now());
}

function requireUnique({ categories }: PredictionTaskSchema, field: 'id' | 'name'): void {
  const seen = new Set<unknown>();
  categories.forEach((category, position) => {
    if (seen.has(category[field])) {
      throw new InvalidInputError(
        `categories[${position}].${field}: '${category[field]}' is the ${field} of an earlier category too. ` +
          `Give each category its own.`,
        { apiCode: 'PREDICTION_TASK_SCHEMA_CATEGORIES_NOT_UNIQUE' },
      );
    }
    seen.add(category[field]);
  });
}

/**
 * Replaces what the tasks named in `singletons` predict for a sample; what other tasks predict stays. Repeating it
 * changes nothing.
 *
 * @throws NotFoundError for a task that the dataset does not have; InvalidInputError where a prediction is not of
 * the task's type or names a category that the task does not have. Nothing is written then.
 */
export async function recordPredictions(
  target: { readonly datasetId: ObjectId; readonly index: number },
  singletons: readonly PredictionSingleton[],
  { predictions, now }: Deps,
): Promise<void> {
  const byTask = Map.groupBy(singletons.entries(), ([, { taskName }]) => taskName);
  for (const [taskName, ofTask] of byTask) {
    const schema = await predictions.getTask(target.datasetId, taskName);
    if (!schema) throw new NotFoundError('prediction task schema', taskName);
    const categories = new Set(schema.categories.map(({ id }) => id));
    for (const [position, singleton] of ofTask) checkSingleton(position, singleton, schema, categories);
  }
  const at = now();
  for (const [taskName, ofTask] of byTask) {
    const ofSample = { index: target.index, taskName, singletons: ofTask.map(([, singleton]) => singleton) };
    await predictions.put(target.datasetId, ofSample, at);
  }
}

function checkSingleton(
  position: number,
  { type, categoryId }: PredictionSingleton,
  schema: PredictionTaskSchema,
  categories: ReadonlySet<number>,
): void {
  if (type !== schema.type) {
    throw new InvalidInputError(
      `[${position}].type: task '${schema.name}' predicts ${schema.type}, and this is of type ${type}.`,
    );
  }
  if (!categories.has(categoryId)) {
    throw new InvalidInputError(
      `[${position}].categoryId: task '${schema.name}' has no category ${categoryId}. Add it to the task's schema first.`,
    );
  }
}
