import { text } from 'node:stream/consumers';
import { ADMINISTRATOR, ADMINISTRATOR_ID } from '#contracts/access';
import { ForbiddenError, NotFoundError } from '#contracts/errors';
import type { Run } from '#contracts/items';
import { usableRun } from '#platform/access/usable-run';
import { StopRun } from '#worker/stop-run';
import type { RunDeps } from '../run-deps.ts';

/** A head of the largest dimensions that training makes, with room to spare. */
const LARGEST_CHECKPOINT_BYTES = 16 * 1024 * 1024;

/**
 * The text of the checkpoint that another run has left behind. Its dataset must be one that whoever scheduled this run
 * may use.
 *
 * @throws StopRun FAILED where there is none
 */
export async function loadCheckpoint(
  runId: string,
  { userId }: Pick<Run, 'userId'>,
  deps: RunDeps,
): Promise<string> {
  const owner = userId === ADMINISTRATOR_ID ? ADMINISTRATOR : await deps.users.get(userId);
  const artifacts = owner && (await usableArtifacts(runId, owner, deps));
  const artifact = artifacts?.find(({ type }) => type === 'CHECKPOINT');
  const isFit = artifact !== undefined && artifact.bytes <= LARGEST_CHECKPOINT_BYTES;
  const found = isFit && (await deps.objects.open({ bucket: deps.platformBucket, key: artifact.key }));
  if (found) return text(found.body);
  throw new StopRun(
    'FAILED',
    `docker.checkpointRunId: there is no checkpoint of a run '${runId}' that you may use. Name a run with ` +
      'enableTraining that was completed, of a dataset that is yours or shared with you.',
  );
}

/** Undefined where the run is unknown or of a dataset of others: neither is told apart from a run without checkpoint. */
async function usableArtifacts(
  runId: string,
  owner: Parameters<typeof usableRun>[0],
  deps: RunDeps,
): Promise<Awaited<ReturnType<RunDeps['artifacts']['list']>> | undefined> {
  try {
    const { id } = await usableRun(owner, runId, deps);
    return await deps.artifacts.list(id);
  } catch (error) {
    if (error instanceof NotFoundError || error instanceof ForbiddenError) return undefined;
    throw error;
  }
}
