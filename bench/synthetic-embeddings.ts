import { frequentFirst, gaussianVector } from './random-draws.ts';

/** Embeddings made from a seed, so that every run of a benchmark works on the same numbers. */

export interface SyntheticEmbeddings {
  readonly count: number;
  readonly dimension: number;
  readonly seed: number;
}

/** Kinds of scene in a collection; the n-th most frequent is 1/n as frequent as the first. */
const SCENES = 60;
/** How far photos are from the centre of their scene, and the photos of a burst from each other. */
const PHOTO_SPREAD = 0.6;
const BURST_SPREAD = 0.15;
/** Share of photos that are one of a burst: almost the same picture as the photo before. */
const BURST_SHARE = 0.3;

/**
 * Unit vectors like those of a photo collection: scenes of very different frequency, photos around them, bursts.
 * Their variance falls along hidden, rotated axes as (rank + 14)^-1.5, which gives an effective dimension
 * (participation ratio) of 19 in 341 vectors: 341 product photos described by the built-in model have 18.6.
 */
export function photoLikeEmbeddings({ count, dimension, seed }: SyntheticEmbeddings): Float32Array[] {
  const random = randomNumbers(seed);
  const axes = randomRotation(dimension, random);
  const deviations = Array.from({ length: dimension }, (_, rank) => (rank + 14) ** -0.75);
  const scenes = Array.from({ length: SCENES }, () =>
    near(new Float32Array(dimension), 1, deviations, random),
  );
  let photo: Float32Array | undefined;
  return consecutive(count, dimension, (embedding) => {
    photo =
      photo && random() < BURST_SHARE
        ? near(photo, BURST_SPREAD, deviations, random)
        : near(
            scenes[frequentFirst(scenes.length, random)] as Float32Array,
            PHOTO_SPREAD,
            deviations,
            random,
          );
    for (let axis = 0; axis < dimension; axis++) embedding[axis] = dot(axes[axis] as Float32Array, photo);
    normalise(embedding);
  });
}

/** Unit vectors in every direction alike: nothing is near to anything, the hardest case for pruning. */
export function uniformEmbeddings({ count, dimension, seed }: SyntheticEmbeddings): Float32Array[] {
  const random = randomNumbers(seed);
  return consecutive(count, dimension, (embedding) => {
    embedding.set(gaussianVector(dimension, random));
    normalise(embedding);
  });
}

/** Vectors one after the other in one block of memory, as a worker reads them. */
function consecutive(
  count: number,
  dimension: number,
  fill: (embedding: Float32Array) => void,
): Float32Array[] {
  const block = new Float32Array(count * dimension);
  return Array.from({ length: count }, (_, row) => {
    const embedding = block.subarray(row * dimension, (row + 1) * dimension);
    fill(embedding);
    return embedding;
  });
}

function near(
  centre: Float32Array,
  spread: number,
  deviations: readonly number[],
  random: () => number,
): Float32Array {
  const offset = gaussianVector(centre.length, random);
  return centre.map(
    (value, axis) => value + spread * (deviations[axis] as number) * (offset[axis] as number),
  );
}

/** Orthonormal axes in random directions: Gaussian vectors, each made perpendicular to those before. */
function randomRotation(dimension: number, random: () => number): Float32Array[] {
  const axes: Float32Array[] = [];
  while (axes.length < dimension) {
    let axis = gaussianVector(dimension, random);
    for (const other of axes) {
      const overlap = dot(axis, other);
      axis = axis.map((value, at) => value - overlap * (other[at] as number));
    }
    normalise(axis);
    axes.push(axis);
  }
  return axes;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] as number) * (b[at] as number);
  return sum;
}

function normalise(vector: Float32Array): void {
  const length = Math.sqrt(dot(vector, vector));
  for (let axis = 0; axis < vector.length; axis++) vector[axis] = (vector[axis] as number) / length;
}

/** Numbers from 0 to below 1: a 32-bit xorshift generator, whose seed must not be 0. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
