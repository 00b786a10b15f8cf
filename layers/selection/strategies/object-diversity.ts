import { ownEntry } from '#contracts/own-entries';
import type { SelectionEntry } from '#contracts/selection-config';
import type { SelectionImage } from '../candidate.ts';
import { type EmbeddingMatrix, embeddingMatrix, nearestToMean } from '../vectors/embedding-matrix.ts';
import { NearestChosen } from '../vectors/nearest-chosen.ts';
import { diversity } from './diversity.ts';
import { type Objective, type ObjectiveStrategy, type SelectionContext, strengthOf } from './strategy.ts';

/** What an image without objects counts as, and one whose objects are all duplicates: chosen last, not never. */
const SMALLEST_DISTANCE = 2 ** -149;

/**
 * Prefer images with an object that is far from every object chosen so far: an image is as far as the farthest of its
 * objects. On objects it is Gonzalez's farthest-first traversal, with the image as what carries the object.
 */
export const objectDiversity: ObjectiveStrategy = {
  ...diversity,
  ofObjects: true,
  inputFields: ['task'],
  objective: objectDistanceObjective,
};

async function objectDistanceObjective(
  entry: SelectionEntry,
  path: string,
  context: SelectionContext,
): Promise<Objective> {
  const task = entry.input.task ?? '';
  const objects = objectsOf(context.candidates, task);
  if (objects.matrix.rows === 0) context.note(`${path}: no candidate has an object of task ${task}.`);
  const distances = new ObjectDistances(objects, objectsOf(context.preselected, task).matrix.rows);
  await choosePreselected(distances, task, context);
  const minimum = Math.fround(entry.strategy.stopping_condition_minimum_distance ?? 0);
  return {
    strength: strengthOf(entry),
    logValues: distances.logValues,
    describe: (position) => distances.describe(position, task),
    dynamics: {
      changesValues: true,
      stop: 'distance',
      choose: (position) => distances.chooseImage(position),
      admits: (position) => minimum === 0 || distances.distanceOf(position) >= minimum,
      opening: () => distances.opening(task),
    },
  };
}

async function choosePreselected(
  distances: ObjectDistances,
  task: string,
  { preselected, progress }: SelectionContext,
): Promise<void> {
  // Nothing to compare with, nor a length that its vectors would have to have.
  if (distances.isEmpty) return;
  for (const image of preselected) {
    const objects = embeddingMatrix(cropsOf(image, task), distances.dimension, 'object');
    const work = distances.chooseObjects(objects);
    if (progress.step(work)) await progress.pause();
  }
  distances.update();
}

/** The objects of all images, one after the other. */
interface Objects {
  readonly vectors: readonly Float32Array[];
  readonly matrix: EmbeddingMatrix;
  /** Per image the row of its first object, and at the end the number of rows. */
  readonly starts: Uint32Array;
}

const cropsOf = ({ crops }: SelectionImage, task: string): readonly Float32Array[] =>
  ownEntry(crops, task) ?? [];

function objectsOf(images: readonly SelectionImage[], task: string): Objects {
  const ofImages = images.map((image) => cropsOf(image, task));
  const starts = new Uint32Array(images.length + 1);
  ofImages.forEach((objects, image) => {
    starts[image + 1] = (starts[image] as number) + objects.length;
  });
  const vectors = ofImages.flat();
  return {
    vectors,
    matrix: embeddingMatrix(vectors, vectors[0]?.length ?? 0, `object of task ${task}, number`),
    starts,
  };
}

class ObjectDistances {
  /** Per image. */
  readonly logValues: Float64Array;
  readonly #objects: Objects;
  readonly #nearest: NearestChosen;

  constructor(objects: Objects, preselectedObjects: number) {
    this.#objects = objects;
    this.#nearest = new NearestChosen(objects.matrix, preselectedObjects + objects.matrix.rows);
    this.logValues = new Float64Array(objects.starts.length - 1);
    this.update();
  }

  /** True where no image has an object. */
  get isEmpty(): boolean {
    return this.#objects.matrix.rows === 0;
  }

  get dimension(): number {
    return this.#objects.matrix.dimension;
  }

  /** Returns the floating-point operations that it took, roughly. */
  chooseObjects(chosen: EmbeddingMatrix): number {
    const before = this.#nearest.work;
    for (let row = 0; row < chosen.rows; row++) this.#nearest.choose(chosen, row, () => undefined);
    return this.#nearest.work - before;
  }

  chooseImage(position: number): number {
    const { matrix, starts } = this.#objects;
    const [start, end] = [starts[position] as number, starts[position + 1] as number];
    const { dimension } = matrix;
    const values = matrix.values.subarray(start * dimension, end * dimension);
    const work = this.chooseObjects({ values, rows: end - start, dimension });
    this.update();
    return work + matrix.rows;
  }

  /** Before anything is chosen every image with objects is as good as any other. */
  update(): void {
    for (let position = 0; position < this.logValues.length; position++) {
      const distance = Math.min(this.distanceOf(position), Number.MAX_VALUE);
      const isFirst = this.#nearest.chosenCount === 0 && distance > 0;
      this.logValues[position] = isFirst ? 0 : Math.log(Math.max(distance, SMALLEST_DISTANCE));
    }
  }

  /** 0 for an image without objects. */
  distanceOf(position: number): number {
    const { starts } = this.#objects;
    const end = starts[position + 1] as number;
    let farthest = 0;
    for (let row = starts[position] as number; row < end; row++) {
      farthest = Math.max(farthest, this.#nearest.distances[row] as number);
    }
    return farthest;
  }

  describe(position: number, task: string): string {
    const { starts } = this.#objects;
    if (starts[position] === starts[position + 1]) return `no object of task ${task}`;
    if (this.#nearest.chosenCount === 0) return `no object of task ${task} chosen before it`;
    const distance = this.distanceOf(position).toFixed(4);
    return `an object of task ${task} at distance ${distance} to the nearest chosen before`;
  }

  opening(task: string): { position: number; reason: string } | undefined {
    const { matrix, starts } = this.#objects;
    if (this.#nearest.chosenCount > 0 || matrix.rows === 0) return undefined;
    const row = nearestToMean(this.#objects.vectors);
    const after = starts.findIndex((start) => start > row);
    return {
      position: after - 1,
      reason: `Has the object of task ${task} nearest to the mean of all, where diversity begins.`,
    };
  }
}
