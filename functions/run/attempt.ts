import { RetryableError } from '#contracts/errors';
import type { Dataset, Run, ScheduledRun } from '#contracts/items';
import type { MemoryReading } from '#contracts/run-plan';
import { isRunEnded, type RunState } from '#contracts/run-states';
import { hasReached, POINT_OF_NO_RETURN } from '#platform/runs/run-progress';
import { StopRun } from '#worker/stop-run';
import type { RunDeps } from './run-deps.ts';

/** One worker's try at a run: where it stands, and whether somebody wants it to stop. */
export interface Attempt {
  readonly dataset: Dataset;
  readonly scheduled: ScheduledRun;
  /** As it was stored last. */
  run: Run;
  /** Set by the heartbeat, which notices before the next step does. */
  cancelNoticed: boolean;
  /** Memory at each step of this attempt. */
  readonly memory: MemoryReading[];
}

/**
 * Moves the run to its next state; where a restarted run has been there already, nothing changes.
 *
 * @throws StopRun where somebody asked to cancel it and nothing of it can be seen yet.
 * @throws RetryableError where another worker has ended the run.
 */
export async function enterState(
  attempt: Attempt,
  state: RunState,
  message: string,
  deps: RunDeps,
): Promise<void> {
  if (!hasReached(attempt.run, POINT_OF_NO_RETURN)) {
    const scheduled = await deps.scheduledRuns.get(attempt.scheduled.id);
    if (scheduled?.cancelRequested) attempt.cancelNoticed = true;
    stopIfCanceled(attempt);
  }
  attempt.run = await deps.runs.advance(attempt.run.id, state, message, deps.now());
  if (attempt.run.state !== state && isRunEnded(attempt.run.state)) {
    throw new RetryableError('RUN_ENDED', `Another worker has ended run '${attempt.run.id}'.`);
  }
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  attempt.memory.push({ at: deps.now(), state, resident: rss, heap: heapUsed + arrayBuffers });
}

/** @throws StopRun where somebody asked to cancel the run. For use within long steps. */
export function stopIfCanceled(attempt: Attempt): void {
  if (attempt.cancelNoticed) {
    throw new StopRun('ABORTED', 'Canceled on request; its images are left for another run.');
  }
}
