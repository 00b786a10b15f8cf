import { InvalidInputError } from '#contracts/errors';
import type { SelectionEntry } from '#contracts/selection-config';
import { isHoldable } from '../farthest-first/code-memory.ts';
import { chooseFarthestFirst } from '../farthest-first/farthest-first.ts';
import type { Progress } from '../progress.ts';
import {
  checkEmbeddings,
  type EmbeddingMatrix,
  embeddingMatrix,
  nearestToMean,
} from '../vectors/embedding-matrix.ts';
import { NearestChosen } from '../vectors/nearest-chosen.ts';
import {
  type AllChoices,
  type Objective,
  type ObjectiveStrategy,
  type OtherScores,
  type SelectionContext,
  strengthOf,
} from './strategy.ts';

/**
 * The logarithm needs a positive number. The smallest that float32 can hold keeps the order of all distances: a
 * duplicate of a chosen sample comes last, not never.
 */
const SMALLEST_DISTANCE = 2 ** -149;

/** Prefer what is far from everything chosen so far: the Euclidean distance to the nearest chosen sample. */
export const diversity: ObjectiveStrategy = {
  kind: 'objective',
  input: 'EMBEDDINGS',
  strategy: 'DIVERSITY',
  inputFields: [],
  strategyFields: ['stopping_condition_minimum_distance', 'strength'],
  required: [],
  check({ strategy: { stopping_condition_minimum_distance: minimum } }, path) {
    if (minimum !== undefined && !(minimum >= 0)) {
      throw new InvalidInputError(
        `${path}.strategy.stopping_condition_minimum_distance: expected 0 or more but received ${minimum}.`,
      );
    }
  },
  objective: distanceObjective,
};

async function distanceObjective(
  entry: SelectionEntry,
  _path: string,
  { candidates, preselected, target, progress }: SelectionContext,
): Promise<Objective> {
  const vectors = candidates.map(({ embedding }) => embedding);
  const dimension = vectors[0]?.length ?? 0;
  checkEmbeddings(vectors, dimension, 'candidate');
  const pool = preselected.map(({ embedding }) => embedding);
  checkEmbeddings(pool, dimension, 'preselected sample');
  return objectiveOf({
    ...{ vectors, pool, dimension, target, progress },
    strength: strengthOf(entry),
    // Rounded like the distances, so that a distance that is as large as the limit in print is not below it.
    minimum: Math.fround(entry.strategy.stopping_condition_minimum_distance ?? 0),
  });
}

interface DistanceInput {
  readonly vectors: readonly Float32Array[];
  /** The datapool's. */
  readonly pool: readonly Float32Array[];
  readonly dimension: number;
  readonly target: number;
  readonly strength: number;
  readonly minimum: number;
  readonly progress: Progress;
}

const logOf = (distance: number): number =>
  Math.log(Math.max(Math.min(distance, Number.MAX_VALUE), SMALLEST_DISTANCE));

function objectiveOf(input: DistanceInput): Objective {
  const { vectors, pool, dimension, strength } = input;
  const logValues = new Float64Array(vectors.length);
  // One of the two ways to choose says what is known: step by step, or all at once.
  let distanceOf: (position: number) => number | undefined = () => undefined;
  const centres = pool.length + input.target;
  const chooseAll = async (others: OtherScores): Promise<AllChoices> => {
    const { choices, isExhausted } = await traverse(input, others);
    const distances = new Map(choices.map(({ position, distance }) => [position, distance]));
    distanceOf = (position) => distances.get(position);
    return { positions: choices.map(({ position }) => position), isExhausted };
  };
  const steps = stepByStep(input, logValues);
  return {
    strength,
    logValues,
    describe: (position) => {
      const distance = distanceOf(position);
      return distance === undefined
        ? 'nothing chosen before it'
        : `distance ${distance.toFixed(4)} to the nearest sample chosen before`;
    },
    dynamics: {
      ...steps,
      async begin() {
        distanceOf = steps.distanceOf;
        await steps.begin();
      },
      distanceOf: (position) => distanceOf(position),
      opening: () =>
        pool.length > 0
          ? undefined
          : {
              position: nearestToMean(vectors),
              reason: 'Nearest to the mean of all candidates, where diversity begins.',
            },
      // With a negative strength a bound of the distance is none of the score.
      ...(strength > 0 && isHoldable({ dimension, slots: vectors.length + 1, centres }) ? { chooseAll } : {}),
    },
  };
}

/** Where no other objective changes, the greedy order is a farthest-first traversal. */
function traverse(
  { vectors, pool, target, strength, minimum, progress }: DistanceInput,
  others: OtherScores,
) {
  const { scores, open, first } = others;
  return chooseFarthestFirst({
    ...{ vectors, target, open, first, progress },
    preselected: pool,
    minimumDistance: minimum,
    scoreOf: (position, distance) => (scores[position] as number) + strength * logOf(distance),
  });
}

function stepByStep(
  { vectors, pool, dimension, target, minimum, progress }: DistanceInput,
  logValues: Float64Array,
) {
  let matrix: EmbeddingMatrix = { values: new Float32Array(0), rows: 0, dimension };
  let nearest = new NearestChosen(matrix, 0);
  const note = (position: number): void => {
    logValues[position] = logOf(nearest.distances[position] as number);
  };
  const choose = (from: EmbeddingMatrix, row: number): number => {
    const before = nearest.work;
    nearest.choose(from, row, note);
    return nearest.work - before;
  };
  return {
    changesValues: true,
    stop: 'distance' as const,
    begin: async (): Promise<void> => {
      matrix = embeddingMatrix(vectors, dimension, 'candidate');
      nearest = new NearestChosen(matrix, pool.length + target);
      for (const values of pool) {
        if (progress.step(choose({ values, rows: 1, dimension }, 0))) await progress.pause();
      }
    },
    choose: (position: number) => choose(matrix, position),
    admits: (position: number) => (nearest.distances[position] as number) >= minimum,
    distanceOf: (position: number) => (nearest.chosenCount === 0 ? undefined : nearest.distances[position]),
  };
}
