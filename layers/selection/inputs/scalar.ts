import { ownEntry } from '#contracts/own-entries';
import type { SelectionEntry } from '#contracts/selection-config';
import type { SelectionImage, SelectionTask } from '../candidate.ts';
import { numberAt } from './metadata.ts';
import { categoriesNamed, taskNamed } from './prediction-task.ts';

/** One number per image: what WEIGHTS and THRESHOLD look at. */
export interface ScalarInput {
  /** As it is called in reasons. */
  readonly name: string;
  /** What an image has that nothing is known of, for example `no number at weather.wind`. */
  readonly missing: string;
  /** Undefined where nothing is known of the image, or what is known is not a finite number. */
  numberOf(image: SelectionImage): number | undefined;
}

/**
 * The number at a METADATA key, an active-learning score, or how many objects of some categories a task has predicted.
 *
 * @throws InvalidInputError where the dataset does not have the task, or the task not the category
 */
export function scalarInput(
  { input }: SelectionEntry,
  path: string,
  tasks: readonly SelectionTask[],
): ScalarInput {
  const { type, key = '', task = '', score = '' } = input;
  if (type === 'PREDICTIONS') return categoryCount(input, taskNamed(task, path, tasks), path);
  if (type === 'METADATA')
    return { name: key, missing: `no number at ${key}`, numberOf: (image) => numberAt(image, key) };
  const name = `score ${score} of task ${task}`;
  return { name, missing: `no ${name}`, numberOf: (image) => scoreOf(image, task, score) };
}

function scoreOf({ scores }: SelectionImage, task: string, score: string): number | undefined {
  const value = ownEntry(ownEntry(scores, task), score);
  return Number.isFinite(value) ? value : undefined;
}

function categoryCount(
  { categories }: SelectionEntry['input'],
  task: SelectionTask,
  path: string,
): ScalarInput {
  const counted = categoriesNamed(categories, task, `${path}.input.categories`);
  const ids = new Set(counted.map(({ id }) => id));
  return {
    name: `number of ${categories?.join(' and ') ?? 'objects'} of task ${task.name}`,
    missing: `no predictions of task ${task.name}`,
    numberOf: ({ predictions }) =>
      ownEntry(predictions, task.name)?.filter(({ categoryId }) => ids.has(categoryId)).length,
  };
}
