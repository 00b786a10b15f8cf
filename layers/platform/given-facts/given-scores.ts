import type { Sample } from '#contracts/samples';
import type { ObjectId } from '#contracts/schema';
import type { FactNeeds } from '../../contracts/fact-needs.ts';
import type { ScoreStore } from '../scores/scores.ts';

/** By name of the task, then of the score, then of the file. */
export type ScoresByTask = Map<string, Map<string, Map<string, number>>>;

/**
 * Scores that clients have posted for tasks of the dataset, as far as they are asked for. Samples that were added after
 * the scores have none.
 */
export async function givenScores(
  datasetId: ObjectId,
  needs: FactNeeds['scores'],
  samples: readonly Sample[],
  { scores }: { readonly scores: Pick<ScoreStore, 'list' | 'read'> },
): Promise<ScoresByTask> {
  const byTask: ScoresByTask = new Map();
  if (needs.length === 0 || samples.length === 0) return byTask;
  for await (const stored of scores.list(datasetId, 'tasks')) {
    const { owner, scoreType } = stored;
    if (!('taskName' in owner)) continue;
    const { taskName } = owner;
    if (!needs.some(({ task, score }) => task === taskName && score === scoreType)) continue;
    const values = await scores.read(stored);
    const ofTask = byTask.get(taskName) ?? new Map<string, Map<string, number>>();
    ofTask.set(scoreType, valuesByName(values, samples));
    byTask.set(taskName, ofTask);
  }
  return byTask;
}

const valuesByName = (values: Float64Array, samples: readonly Sample[]): Map<string, number> =>
  new Map(
    samples.flatMap(({ index, fileName }) => {
      const value = values[index];
      return value === undefined ? [] : [[fileName, value] as const];
    }),
  );
