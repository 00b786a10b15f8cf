import { ConflictError, InvalidInputError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { JobMessage, JobOf, JobResult } from '#contracts/jobs';
import type { ObjectId } from '#contracts/schema';
import { LONGEST_DELAY_SECONDS } from '#contracts/stages';
import { derivedObjectId } from '../derived-id.ts';
import { type StartJobDeps, startJob } from '../jobs/jobs.ts';
import type { MessageSender } from '../queues.ts';
import type { ScheduledRunStore } from '../scheduling/scheduled-runs.ts';
import type { DatasetContents } from './dataset-contents.ts';
import type { DatasetStore } from './datasets.ts';
import { namesOf } from './rename-dataset.ts';

/**
 * A worker that began before the deletion may write until it notices, or until its function ends (15 minutes). What
 * hangs on a dataset is deleted at once, and a second time when that can't be any more; the dataset itself goes last.
 */
export const LATE_WRITES_MS = 20 * 60_000;

export interface DeleteDatasetDeps extends StartJobDeps {
  readonly datasets: Pick<DatasetStore, 'markDeleted' | 'releaseName' | 'get'>;
  readonly scheduledRuns: Pick<ScheduledRunStore, 'cancel'>;
}

/**
 * Deletes a dataset: nobody sees it from now on and its name is free, and what hangs on it is deleted by a job.
 * Stopped halfway, the dataset is deleted, and reconcile starts the job.
 *
 * @param userId who asks for it
 * @param force also while a run is at work on it, which is then asked to stop
 * @throws ConflictError while a run is at work on it
 */
export async function deleteDataset(
  {
    dataset,
    userId,
    force,
  }: { readonly dataset: Dataset; readonly userId: ObjectId; readonly force: boolean },
  deps: DeleteDatasetDeps,
): Promise<void> {
  const { datasets, scheduledRuns, now } = deps;
  const marked = await datasets.markDeleted(dataset.id, now(), { evenIfLocked: force });
  const deleted = marked ?? (await datasets.get(dataset.id));
  if (deleted && deleted.deletedAt === undefined) {
    throw new ConflictError(
      `A run is at work on dataset '${dataset.id}'. Wait for its end, or delete the dataset with force=true.`,
      { apiCode: 'ILLEGAL_ACTION_RESOURCE_IN_USE' },
    );
  }
  if (!deleted) return;
  if (deleted.lockedBy !== undefined) await scheduledRuns.cancel(deleted.lockedBy, now());
  await releaseNames(deleted, deps);
  await startDeletion(deleted, userId, deps);
}

async function releaseNames(
  deleted: Dataset,
  { datasets }: { readonly datasets: Pick<DatasetStore, 'releaseName'> },
): Promise<void> {
  for (const name of namesOf(deleted)) await datasets.releaseName(name, deleted.id, deleted.deletedAt);
}

/** Starts, or reminds, the job that deletes what hangs on a dataset: one for each dataset, however often it is asked. */
export async function startDeletion(
  { id: datasetId }: Dataset,
  userId: ObjectId,
  deps: StartJobDeps,
): Promise<void> {
  const id = derivedObjectId('deletion', datasetId);
  await startJob({ id, kind: 'DELETE_DATASET', datasetId, userId, request: {} }, deps);
}

export interface DeletionJobDeps {
  readonly datasets: Pick<DatasetStore, 'get' | 'releaseName' | 'remove'>;
  readonly contents: Pick<DatasetContents, 'delete'>;
  readonly jobQueue: MessageSender<JobMessage>;
  /** ms */
  readonly now: () => number;
}

/**
 * The job: deletes what hangs on a dataset, and at the end the dataset.
 *
 * @returns undefined where it goes on later, by a message that is under way
 * @throws InvalidInputError where the dataset is not marked as deleted
 */
export async function carryOutDeletion(
  { id: jobId, datasetId }: JobOf<'DELETE_DATASET'>,
  timeIsUp: () => boolean,
  deps: DeletionJobDeps,
): Promise<JobResult<'DELETE_DATASET'> | undefined> {
  const dataset = await deps.datasets.get(datasetId);
  if (!dataset) return {};
  const { deletedAt } = dataset;
  if (deletedAt === undefined) throw new InvalidInputError(`Dataset '${datasetId}' is not deleted.`);
  await releaseNames(dataset, deps);
  const isDone = await deps.contents.delete(dataset, timeIsUp);
  const secondsLeft = Math.ceil((deletedAt + LATE_WRITES_MS - deps.now()) / 1000);
  if (isDone && secondsLeft <= 0) {
    await deps.datasets.remove(datasetId);
    return {};
  }
  const delaySeconds = isDone ? Math.min(secondsLeft, LONGEST_DELAY_SECONDS) : 0;
  await deps.jobQueue.send({ jobId }, { delaySeconds });
  return undefined;
}
