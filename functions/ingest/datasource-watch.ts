import type { FoundProblem } from '#contracts/datasource-state';
import type { DatasourceError } from '#contracts/errors';
import type { BucketPrefix } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import {
  type DatasourceStateStore,
  keepsFromReading,
  problemOf,
  refusesThumbnails,
} from '#platform/datasources/datasource-states';
import type { DatasourceUse } from '#platform/datasources/datasources';
import { keptForSeconds, MOST_AGE_MS } from '#platform/kept-for-seconds';

/** For so long (ms) after a datasource was seen to refuse everything it is not asked again. */
const TRY_AGAIN_AFTER_MS = 3 * 60_000;
/** How often (ms) one process notes that events of a dataset's bucket come, and that they are held. */
const NOTE_EVENTS_EVERY_MS = 5 * 60_000;
const MOST_NOTED = 1_000;

/** What ingest knows and finds out about the datasources of datasets. */
export interface DatasourceWatch {
  /** True where nothing of the dataset's datasources can be reached, as was seen a moment ago. */
  isShut(datasetId: ObjectId): Promise<boolean>;
  /** True where an image that is read could not be registered, as was seen a moment ago. */
  refusesThumbnails(datasetId: ObjectId): Promise<boolean>;
  /** @param version of the datasources that were asked */
  noteProblem(
    datasetId: ObjectId,
    version: number,
    error: DatasourceError,
    met: { readonly use: DatasourceUse; readonly fileName: string },
  ): Promise<void>;
  /** An event of the bucket has come. @param place where the datasource is: of another place, none has come yet */
  noteEvent(datasetId: ObjectId, place: BucketPrefix): Promise<void>;
  /** An event is about to be held. */
  noteHeld(datasetId: ObjectId): Promise<void>;
}

/**
 * States are read, and the same is noted, every few seconds at most: where a permission is missing, a million events may
 * meet the same refusal.
 */
export function datasourceWatch(
  states: Pick<DatasourceStateStore, 'get' | 'noteProblem' | 'noteEvent' | 'noteHeld'>,
  now: () => number,
): DatasourceWatch {
  const stateOf = keptForSeconds((datasetId) => states.get(datasetId), now);
  const isDue = atMostEvery(now);
  const seen = new Map<string, FoundProblem>();
  const isRecent = (problem: FoundProblem | undefined, age: number): boolean =>
    problem !== undefined && now() - problem.seenAt < age;
  const shuts = (problem: FoundProblem | undefined, age: number): boolean =>
    keepsFromReading(problem) && isRecent(problem, age);
  return {
    isShut: async (datasetId) =>
      // What this process has met itself counts until the state is read again, which tells if it has been put right.
      shuts(seen.get(datasetId), MOST_AGE_MS) ||
      shuts((await stateOf(datasetId))?.problem, TRY_AGAIN_AFTER_MS),
    refusesThumbnails: async (datasetId) => {
      const state = await stateOf(datasetId);
      return state !== undefined && refusesThumbnails(state) && isRecent(state.problem, TRY_AGAIN_AFTER_MS);
    },
    noteProblem: async (datasetId, version, error, met) => {
      const problem = problemOf(error, { ...met, at: now() });
      if (seen.size >= MOST_NOTED) seen.clear();
      seen.set(datasetId, problem);
      const { code, scope, use } = problem;
      await isDue(`${datasetId} ${version} ${use} ${code} ${scope}`, MOST_AGE_MS, async () => {
        await states.noteProblem(datasetId, version, problem);
      });
    },
    noteEvent: (datasetId, { bucket, prefix }) =>
      isDue(`${datasetId} ${bucket}/${prefix}`, NOTE_EVENTS_EVERY_MS, () =>
        states.noteEvent(datasetId, now()),
      ),
    noteHeld: (datasetId) =>
      isDue(`${datasetId} held`, NOTE_EVENTS_EVERY_MS, () => states.noteHeld(datasetId, now())),
  };
}

/** Does something at most so often (ms) for each key. */
function atMostEvery(now: () => number) {
  const doneAt = new Map<string, number>();
  return async (key: string, everyMs: number, work: () => Promise<void>): Promise<void> => {
    if (now() - (doneAt.get(key) ?? Number.NEGATIVE_INFINITY) < everyMs) return;
    await work();
    if (doneAt.size >= MOST_NOTED) doneAt.clear();
    doneAt.set(key, now());
  };
}
