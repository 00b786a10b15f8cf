import { InvalidInputError } from '#contracts/errors';
import type { RegisteredRawSample } from '#contracts/items';
import type { PredictionSingleton, PredictionTaskSchema } from '#contracts/predictions';
import type { AnalysedSample } from '#contracts/samples';
import type { GivenFacts } from '#platform/given-facts/given-facts';
import { scoresOf } from '#selection/active-learning/active-learning-scores';
import type { PredictedObject, SelectionImage } from '#selection/candidate';
import { objectRecord } from '#selection/inputs/object-metadata';
import type { NeededFacts } from '#selection/needed-facts';
import { candidateMetadata } from '#selection/select';

/** By name of the task, then of the score, then of the file. */
export type ScoresByTask = GivenFacts['scores'];

/**
 * Active-learning scores of images: those that were given, and for the rest what follows from the predictions. Only what
 * the selection looks at is computed.
 *
 * @throws InvalidInputError where a task has no score of a name, neither computed nor given
 */
export function activeLearningScores(
  { tasks, predictions, scores }: Pick<GivenFacts, 'tasks' | 'predictions' | 'scores'>,
  needs: NeededFacts['scores'],
): ScoresByTask {
  const byTask = new Map<string, ReadonlyMap<string, ReadonlyMap<string, number>>>();
  for (const { task: taskName, score } of needs) {
    const task = tasks.find(({ name }) => name === taskName);
    const ofTask =
      byTask.get(taskName) ?? scoresOfTask(task, predictions.get(taskName), scores.get(taskName));
    if (!ofTask.has(score)) throw unknownScore(taskName, score, [...ofTask.keys()]);
    byTask.set(taskName, ofTask);
  }
  return byTask;
}

/** @param task undefined where only its scores were given */
function scoresOfTask(
  task: PredictionTaskSchema | undefined,
  predictions: ReadonlyMap<string, readonly PredictionSingleton[]> = new Map(),
  given: ReadonlyMap<string, ReadonlyMap<string, number>> = new Map(),
): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const ofTask = new Map<string, ReadonlyMap<string, number>>(task ? scoresOf(task, predictions) : []);
  for (const [name, values] of given) ofTask.set(name, new Map([...(ofTask.get(name) ?? []), ...values]));
  return ofTask;
}

const unknownScore = (task: string, score: string, known: readonly string[]): InvalidInputError =>
  new InvalidInputError(`input.score: task '${task}' has no score '${score}'. It has: ${known.join(', ')}.`);

/** Images as the selection takes them. Where vectors are given, an image without one is left out. */
export function selectionImages(
  images: readonly (RegisteredRawSample | AnalysedSample)[],
  given: GivenFacts,
  scores: ScoresByTask,
): SelectionImage[] {
  const tasks = given.tasks.map(({ name }) => name);
  return images.flatMap(({ fileName, facts, objectMetadata }) => {
    const embedding = given.embeddings ? given.embeddings.get(fileName) : facts.embedding;
    if (!embedding) return [];
    const predictions = ofTasks(tasks, (task) => given.predictions.get(task)?.get(fileName)?.map(asObject));
    const scored = ofTasks([...scores.keys()], (task) => scoresOfFile(scores.get(task), fileName));
    return {
      fileName,
      embedding,
      metadata: {
        ...given.metadata.get(fileName),
        ...objectRecord(objectMetadata),
        ...candidateMetadata(facts),
      },
      ...(predictions && { predictions }),
      ...(scored && { scores: scored }),
    };
  });
}

/** Undefined where no task says anything. */
function ofTasks<T>(
  tasks: readonly string[],
  read: (task: string) => T | undefined,
): Readonly<Record<string, T>> | undefined {
  const found = tasks.flatMap((task) => {
    const value = read(task);
    return value === undefined ? [] : [[task, value] as const];
  });
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}

function scoresOfFile(
  byName: ReadonlyMap<string, ReadonlyMap<string, number>> | undefined,
  fileName: string,
): Readonly<Record<string, number>> | undefined {
  const found = [...(byName ?? [])].flatMap(([name, values]) => {
    const value = values.get(fileName);
    return value === undefined ? [] : [[name, value] as const];
  });
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}

const asObject = ({ categoryId, score, probabilities }: PredictionSingleton): PredictedObject => ({
  categoryId,
  score,
  ...(probabilities && { probabilities }),
});
