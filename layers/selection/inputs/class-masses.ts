import type { SelectionEntry } from '#contracts/selection-config';
import type { PredictedObject, SelectionImage, SelectionTask } from '../candidate.ts';
import { valueAt } from './metadata.ts';
import { categoriesNamed, taskNamed } from './prediction-task.ts';

/** How much of each class an image has, by name of the class; only what is above 0. */
export type ClassMasses = ReadonlyMap<string, number>;

/** What BALANCE looks at. */
export interface ClassInput {
  /** As it is called in reasons. */
  readonly name: string;
  /** All classes there are, where that is known beforehand: the categories of a task. */
  readonly classes?: readonly string[];
  /** Empty where nothing is known of the image. */
  massesOf(image: SelectionImage): ClassMasses;
}

const NOTHING: ClassMasses = new Map();

/**
 * The classes of images: of METADATA the value at a key, with a mass of 1; of CATEGORY_COUNT the number of objects;
 * of CLASS_DISTRIBUTION the sum of the objects' probabilities.
 *
 * @throws InvalidInputError where the dataset does not have the task, or the task not the category
 */
export function classInput(
  { input, strategy }: SelectionEntry,
  path: string,
  tasks: readonly SelectionTask[],
): ClassInput {
  const { type, key = '', name = 'CATEGORY_COUNT', task: taskName = '' } = input;
  if (type === 'METADATA') return { name: key, massesOf: (image) => massOfValue(valueAt(image, key)) };
  const task = taskNamed(taskName, path, tasks);
  if (strategy.target) categoriesNamed(Object.keys(strategy.target), task, `${path}.strategy.target`);
  const wanted = new Set(
    categoriesNamed(input.categories, task, `${path}.input.categories`).map((category) => category.name),
  );
  const massesOfObject = name === 'CATEGORY_COUNT' ? countedObject : probabilityMasses;
  return {
    name: `${name} of task ${taskName}`,
    classes: task.categories.map((category) => category.name).filter((category) => wanted.has(category)),
    massesOf: ({ predictions }) => {
      const objects = predictions && Object.hasOwn(predictions, taskName) ? predictions[taskName] : undefined;
      return objects === undefined ? NOTHING : massesOfObjects(objects, task, massesOfObject, wanted);
    },
  };
}

/** A category is a text, a truth value or a whole number; anything else is none. */
function massOfValue(value: unknown): ClassMasses {
  const isCategory = typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value);
  return isCategory ? new Map([[String(value), 1]]) : NOTHING;
}

/** Masses that one object adds, by position of the category in the task. */
type MassesOf = (object: PredictedObject, task: SelectionTask) => readonly number[];

const positionOf = ({ categoryId }: PredictedObject, { categories }: SelectionTask): number =>
  categories.findIndex(({ id }) => id === categoryId);

const countedObject: MassesOf = (object, task) => {
  const masses: number[] = [];
  const at = positionOf(object, task);
  if (at >= 0) masses[at] = 1;
  return masses;
};

/** Without probabilities the confidence is all that is known: that of the category that was predicted. */
const probabilityMasses: MassesOf = (object, task) =>
  object.probabilities ?? countedObject(object, task).map((one) => one * object.score);

function massesOfObjects(
  objects: readonly PredictedObject[],
  task: SelectionTask,
  massesOf: MassesOf,
  wanted: ReadonlySet<string>,
): ClassMasses {
  const masses = new Map<string, number>();
  for (const object of objects) {
    for (const [at, mass = 0] of massesOf(object, task).entries()) {
      const name = task.categories[at]?.name;
      if (name === undefined || !wanted.has(name) || !(mass > 0) || !Number.isFinite(mass)) continue;
      masses.set(name, (masses.get(name) ?? 0) + mass);
    }
  }
  return masses;
}
