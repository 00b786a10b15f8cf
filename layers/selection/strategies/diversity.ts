import { InvalidInputError } from '#contracts/errors';
import type { SelectionEntry } from '#contracts/selection-config';
import { type EmbeddingMatrix, embeddingMatrix, nearestToMean } from '../embedding-matrix.ts';
import { NearestChosen } from '../nearest-chosen.ts';
import {
  type Objective,
  type ObjectiveDynamics,
  type ObjectiveStrategy,
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
  context: SelectionContext,
): Promise<Objective> {
  const { candidates, preselected, target } = context;
  const dimension = candidates[0]?.embedding.length ?? 0;
  const embeddings = candidates.map(({ embedding }) => embedding);
  const matrix = embeddingMatrix(embeddings, dimension, 'candidate');
  const nearest = new NearestChosen(matrix, preselected.length + target);
  const logValues = new Float64Array(matrix.rows);
  const noteNearer = (position: number): void => {
    const distance = nearest.distances[position] as number;
    logValues[position] = Math.log(Math.max(Math.min(distance, Number.MAX_VALUE), SMALLEST_DISTANCE));
  };
  await choosePreselected(context, nearest, dimension, noteNearer);
  return {
    strength: strengthOf(entry),
    logValues,
    describe: (position) =>
      nearest.chosenCount === 0
        ? 'nothing chosen before it'
        : `distance ${(nearest.distances[position] as number).toFixed(4)} to the nearest sample chosen before`,
    dynamics: distanceDynamics(entry, matrix, nearest, noteNearer),
  };
}

async function choosePreselected(
  { preselected, progress }: SelectionContext,
  nearest: NearestChosen,
  dimension: number,
  noteNearer: (position: number) => void,
): Promise<void> {
  for (const [row, { embedding }] of preselected.entries()) {
    const before = nearest.work;
    nearest.choose(embeddingMatrix([embedding], dimension, `preselected sample ${row}, row`), 0, noteNearer);
    if (progress.step(nearest.work - before)) await progress.pause();
  }
}

function distanceDynamics(
  { strategy }: SelectionEntry,
  matrix: EmbeddingMatrix,
  nearest: NearestChosen,
  noteNearer: (position: number) => void,
): ObjectiveDynamics {
  // Rounded like the distances, so that a distance that is as large as the limit in print is not below it.
  const minimum = Math.fround(strategy.stopping_condition_minimum_distance ?? 0);
  return {
    changesValues: true,
    stop: 'distance',
    choose(position) {
      const before = nearest.work;
      nearest.choose(matrix, position, noteNearer);
      return nearest.work - before;
    },
    admits: (position) => (nearest.distances[position] as number) >= minimum,
    distanceOf: (position) => (nearest.chosenCount === 0 ? undefined : nearest.distances[position]),
    opening: () =>
      nearest.chosenCount === 0
        ? {
            position: nearestToMean(matrix),
            reason: 'Nearest to the mean of all candidates, where diversity begins.',
          }
        : undefined,
  };
}
