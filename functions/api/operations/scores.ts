import { InvalidInputError, NotFoundError } from '#contracts/errors';
import type { ObjectId } from '#contracts/schema';
import type { Scores } from '#contracts/scores';
import { LONGEST_TASK_NAME, taskName } from '#contracts/task-name';
import { PREDICTIONS_VERSION } from '#platform/predictions/predictions';
import { recordScores } from '#platform/scores/record-scores';
import type { ScoresKind } from '#platform/scores/scores';
import { knownTagHeader } from '#platform/tags/known-tag';
import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';

type ScoresOperation =
  | 'create_or_update_active_learning_v2_score_by_dataset_id'
  | 'get_active_learning_v2_scores_by_dataset_id'
  | 'get_active_learning_v2_score_by_dataset_and_score_id'
  | 'create_or_update_active_learning_score_by_tag_id'
  | 'get_active_learning_scores_by_tag_id'
  | 'get_active_learning_score_by_score_id';

export function scoresOperations(
  deps: Pick<ApiDeps, 'scores' | 'tags' | 'now'>,
): Operations<ScoresOperation> {
  return { ...scoresOfTasks(deps), ...scoresOfTags(deps) };
}

function scoresOfTasks(deps: Pick<ApiDeps, 'scores' | 'now'>) {
  return {
    create_or_update_active_learning_v2_score_by_dataset_id: async ({ dataset, query, body }) => {
      const { taskName } = query;
      checkTaskName(taskName);
      const { scoreType, scores: values } = body;
      const given = { datasetId: dataset.id, sampleCount: dataset.sampleCount, scoreType, values };
      const { id } = await recordScores({ ...given, owner: { taskName } }, deps);
      return { id };
    },
    get_active_learning_v2_scores_by_dataset_id: async ({ dataset }) =>
      (await newestFirst(deps, dataset.id, 'tasks')).map(taskScoresData),
    get_active_learning_v2_score_by_dataset_and_score_id: async ({ dataset, path }) => {
      const found = await knownScores(deps, dataset.id, 'tasks', path.scoreId);
      return { ...taskScoresData(found), scores: Array.from(await deps.scores.read(found)) };
    },
  } satisfies Partial<Operations<ScoresOperation>>;
}

function scoresOfTags(deps: Pick<ApiDeps, 'scores' | 'tags' | 'now'>) {
  return {
    create_or_update_active_learning_score_by_tag_id: async ({ dataset, path, body }) => {
      const { totSize: sampleCount } = await knownTagHeader(dataset.id, path.tagId, deps);
      const { scoreType, scores: values } = body;
      const given = { datasetId: dataset.id, sampleCount, scoreType, values };
      const { id } = await recordScores({ ...given, owner: { tagId: path.tagId } }, deps);
      return { id };
    },
    get_active_learning_scores_by_tag_id: async ({ dataset, path: { tagId } }) => {
      await knownTagHeader(dataset.id, tagId, deps);
      return (await newestFirst(deps, dataset.id, { tagId })).map((found) => tagScoresData(tagId, found));
    },
    get_active_learning_score_by_score_id: async ({ dataset, path: { tagId, scoreId } }) => {
      await knownTagHeader(dataset.id, tagId, deps);
      const found = await knownScores(deps, dataset.id, { tagId }, scoreId);
      return { ...tagScoresData(tagId, found), scores: Array.from(await deps.scores.read(found)) };
    },
  } satisfies Partial<Operations<ScoresOperation>>;
}

type ScoresDeps = Pick<ApiDeps, 'scores'>;

async function newestFirst({ scores }: ScoresDeps, datasetId: ObjectId, kind: ScoresKind): Promise<Scores[]> {
  const found = await Array.fromAsync(scores.list(datasetId, kind));
  return found.sort((a, b) => b.lastModifiedAt - a.lastModifiedAt || (a.id < b.id ? 1 : -1));
}

async function knownScores({ scores }: ScoresDeps, datasetId: ObjectId, kind: ScoresKind, scoreId: string) {
  const found = await scores.get(datasetId, kind, scoreId);
  if (!found) throw new NotFoundError('score', scoreId);
  return found;
}

function checkTaskName(given: string): void {
  if (taskName.safeParse(given).success) return;
  throw new InvalidInputError(
    `taskName: expected at most ${LONGEST_TASK_NAME} letters, digits and any of _+=,.@:/- .`,
  );
}

const taskScoresData = ({ id, datasetId, owner, scoreType, createdAt }: Scores) => ({
  id,
  datasetId,
  predictionUUIDTimestamp: PREDICTIONS_VERSION,
  taskName: 'taskName' in owner ? owner.taskName : '',
  scoreType,
  createdAt,
});

const tagScoresData = (tagId: ObjectId, { id, scoreType, createdAt }: Scores) => ({
  id,
  tagId,
  scoreType,
  createdAt,
});
