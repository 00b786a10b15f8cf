import { InvalidInputError } from '#contracts/errors';
import type { SelectionTask } from '../candidate.ts';

/**
 * The task that an entry names.
 *
 * @throws InvalidInputError where the dataset has no such task
 */
export function taskNamed(name: string, path: string, tasks: readonly SelectionTask[]): SelectionTask {
  const found = tasks.find((task) => task.name === name);
  if (found) return found;
  const known =
    tasks.length === 0 ? 'It has none' : `Its tasks are ${tasks.map((task) => `'${task.name}'`).join(', ')}`;
  throw new InvalidInputError(
    `${path}.input.task: there are no predictions of a task '${name}' in the dataset. ${known}.`,
  );
}

/**
 * Categories of a task by name; without names all of them.
 *
 * @param path - where the names are, for example `strategies[1].input.categories`
 * @throws InvalidInputError where the task has no category of that name
 */
export function categoriesNamed(
  names: readonly string[] | undefined,
  task: SelectionTask,
  path: string,
): SelectionTask['categories'] {
  if (names === undefined) return task.categories;
  return names.map((name) => {
    const found = task.categories.find((category) => category.name === name);
    if (found) return found;
    const known = task.categories.map((category) => `'${category.name}'`).join(', ');
    throw new InvalidInputError(
      `${path}: task '${task.name}' has no category '${name}'. Its categories are ${known}.`,
    );
  });
}
