import { ownEntry } from '#contracts/own-entries';
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
  const names = categoryNames(task);
  const addMasses = name === 'CATEGORY_COUNT' ? countObject : addProbabilities;
  return {
    name: `${name} of task ${taskName}`,
    classes: task.categories.map((category) => category.name).filter((category) => wanted.has(category)),
    massesOf: ({ predictions }) => {
      const objects = ownEntry(predictions, taskName);
      return objects === undefined ? NOTHING : massesOfObjects(objects, names, addMasses, wanted);
    },
  };
}

/** A category is a text, a truth value or a whole number; anything else is none. */
function massOfValue(value: unknown): ClassMasses {
  const isCategory = typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value);
  return isCategory ? new Map([[String(value), 1]]) : NOTHING;
}

interface CategoryNames {
  readonly byId: ReadonlyMap<number, string>;
  /** In the order of the task, which is that of probabilities. */
  readonly inOrder: readonly string[];
}

const categoryNames = ({ categories }: SelectionTask): CategoryNames => ({
  byId: new Map(categories.map(({ id, name }) => [id, name])),
  inOrder: categories.map(({ name }) => name),
});

type Add = (category: string | undefined, mass: number) => void;
type AddMasses = (object: PredictedObject, names: CategoryNames, add: Add) => void;

const countObject: AddMasses = ({ categoryId }, { byId }, add) => add(byId.get(categoryId), 1);

/** Without probabilities the confidence is all that is known: that of the category that was predicted. */
const addProbabilities: AddMasses = ({ categoryId, score, probabilities }, { byId, inOrder }, add) => {
  if (probabilities === undefined) add(byId.get(categoryId), score);
  else for (let at = 0; at < probabilities.length; at++) add(inOrder[at], probabilities[at] ?? 0);
};

function massesOfObjects(
  objects: readonly PredictedObject[],
  names: CategoryNames,
  addMasses: AddMasses,
  wanted: ReadonlySet<string>,
): ClassMasses {
  const masses = new Map<string, number>();
  const add: Add = (category, mass) => {
    if (category === undefined || !wanted.has(category) || !(mass > 0) || !Number.isFinite(mass)) return;
    masses.set(category, (masses.get(category) ?? 0) + mass);
  };
  for (const object of objects) addMasses(object, names, add);
  return masses;
}
