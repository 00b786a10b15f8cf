import type { Attempt } from './attempt.ts';
import type { RunDeps } from './run-deps.ts';

/**
 * Does `work` while telling at intervals that this worker is alive, and hearing whether the run is to be canceled.
 * When work fails for a reason that may pass, the lease is given back, so that the redelivered message need not
 * wait for it to run out.
 */
export async function whileAlive<T>(attempt: Attempt, deps: RunDeps, work: () => Promise<T>): Promise<T> {
  let beating: Promise<void> = Promise.resolve();
  const stop = deps.repeat(
    () => {
      beating = beating.then(() => beat(attempt, deps));
    },
    (deps.leaseSeconds * 1000) / 3,
  );
  let finished = false;
  try {
    const result = await work();
    finished = true;
    return result;
  } finally {
    stop();
    await beating;
    await attempt.log.flush();
    if (!finished) await giveLeaseBack(attempt, deps);
  }
}

/** A missed beat is no reason to stop: the next one is a third of the lease away. */
async function beat(attempt: Attempt, { runs, scheduledRuns, telemetry, now }: RunDeps): Promise<void> {
  attempt.log.noteLoad(attempt.run.state);
  void attempt.log.flush();
  try {
    await runs.heartbeat(attempt.run.id, now());
    const scheduled = await scheduledRuns.get(attempt.scheduled.id);
    if (scheduled?.cancelRequested) attempt.cancelNoticed = true;
  } catch (error) {
    telemetry.log('warn', 'A heartbeat failed', { runId: attempt.run.id, error });
  }
}

async function giveLeaseBack({ run }: Attempt, { runs, telemetry }: RunDeps): Promise<void> {
  try {
    await runs.giveUp(run.id);
  } catch (error) {
    telemetry.log('warn', 'The lease of a run could not be given back', { runId: run.id, error });
  }
}
