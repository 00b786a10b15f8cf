import type { SelectionEntry } from '#contracts/selection-config';
import { embeddingMatrix } from '../vectors/embedding-matrix.ts';
import { meanNeighbourDistances } from '../vectors/nearest-neighbours.ts';
import { type Objective, type ObjectiveStrategy, type SelectionContext, strengthOf } from './strategy.ts';

const DEFAULT_NEIGHBOURS = 20;
/** A mean distance of 0, among exact duplicates, counts as this share of the largest one. */
const SMALLEST_SHARE = 1e-6;

/**
 * Prefer what lies where many others do: the inverse of the mean distance to the nearest neighbours among the
 * candidates (Hacohen, Dekel and Weinshall 2022, "Active learning on a budget"). A negative strength prefers outliers.
 */
export const typicality: ObjectiveStrategy = {
  kind: 'objective',
  input: 'EMBEDDINGS',
  strategy: 'TYPICALITY',
  inputFields: [],
  strategyFields: ['numNearestNeighbors', 'stoppingConditionMinimumTypicality', 'strength'],
  required: [],
  objective: typicalityObjective,
};

async function typicalityObjective(
  entry: SelectionEntry,
  _path: string,
  { candidates, progress }: SelectionContext,
): Promise<Objective> {
  const { numNearestNeighbors = DEFAULT_NEIGHBOURS, stoppingConditionMinimumTypicality: minimum } =
    entry.strategy;
  const embeddings = candidates.map(({ embedding }) => embedding);
  const matrix = embeddingMatrix(embeddings, embeddings[0]?.length ?? 0, 'candidate');
  const means = await meanNeighbourDistances(matrix, numNearestNeighbors, progress);
  const largest = means.reduce((most, mean) => Math.max(most, mean), 0);
  const floor = largest > 0 ? largest * SMALLEST_SHARE : 1;
  const typicalityOf = (position: number) => 1 / (means[position] as number);
  return {
    strength: strengthOf(entry),
    logValues: Float64Array.from(means, (mean) => -Math.log(Math.max(mean, floor))),
    describe: (position) => describeMean(means[position] as number),
    ...(minimum !== undefined && {
      barred: {
        isBarred: (position: number) => typicalityOf(position) < minimum,
        stop: 'typicality' as const,
      },
    }),
  };
}

/** Of exact duplicates, as of a candidate without any other, there is no inverse. */
const describeMean = (mean: number): string =>
  mean > 0 ? `typicality ${(1 / mean).toFixed(4)}` : 'a mean distance of 0 to its nearest neighbours';
