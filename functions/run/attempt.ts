import { RetryableError } from '#contracts/errors';
import type { Dataset, RawSample, Run, ScheduledRun } from '#contracts/items';
import type { MemoryReading } from '#contracts/run-plan';
import { isRunEnded, type RunState } from '#contracts/run-states';
import { progressLine, STATE_GROUP, stateLine, warningLine } from '#platform/runs/log-lines';
import { type LogWriter, logWriter } from '#platform/runs/log-writer';
import { hasReached, POINT_OF_NO_RETURN } from '#platform/runs/run-progress';
import { progressTeller } from '#platform/runs/state-progress';
import { memoryReading } from '#worker/memory-reading';
import { canceled } from '#worker/stop-run';
import type { RunDeps } from './run-deps.ts';

/** One worker's try at a run: where it stands, and whether somebody wants it to stop. */
export interface Attempt {
  readonly dataset: Dataset;
  /** Of its datasources, when this attempt began. */
  readonly datasourcesVersion: number;
  readonly scheduled: ScheduledRun;
  /** As it was stored last. */
  run: Run;
  /** Set by the heartbeat, which notices before the next step does. */
  cancelNoticed: boolean;
  /** Memory at each step of this attempt. */
  readonly memory: MemoryReading[];
  /** What this attempt has read of the registry; absent where it carries out a plan that it has not made. */
  read: readonly RawSample[] | undefined;
  /** Whether the run reads every image, not only those that no run has read. */
  readsAll: boolean;
  readonly log: LogWriter;
  readonly tellOf: ReturnType<typeof progressTeller>;
  /** The message of the state, while a percentage stands in its place. */
  plainMessage: string | undefined;
}

export async function beginAttempt(
  { dataset, scheduled, run }: Pick<Attempt, 'dataset' | 'scheduled' | 'run'>,
  { runLogs, datasources, telemetry, load, now }: RunDeps,
): Promise<Attempt> {
  const log = logWriter({
    send: (lines) => runLogs.append(run.id, lines),
    onFailure: (error) => telemetry.log('warn', 'Lines of a log were not written', { runId: run.id, error }),
    ...{ load, now },
  });
  // A worker that died may have told of states of which its lines did not get into the log.
  const logged =
    run.attempts > 1 || run.workerId !== undefined || run.messages.length > 1
      ? await loggedStates(run, runLogs)
      : new Set<RunState>();
  for (const message of run.messages) if (!logged.has(message.state)) log.note(stateLine(message));
  const { version: datasourcesVersion = 0 } = (await datasources.get(dataset.id)) ?? {};
  return {
    ...{ dataset, datasourcesVersion, scheduled, run, log },
    ...{ cancelNoticed: false, memory: [], plainMessage: undefined },
    ...{ read: undefined, readsAll: false },
    tellOf: progressTeller(now),
  };
}

/** More lines than a run has states, warnings and percentages of some attempts. */
const LINES_LOOKED_AT = 5_000;

async function loggedStates({ id }: Run, runLogs: RunDeps['runLogs']): Promise<Set<RunState>> {
  const lines = await runLogs.read(id, 0, LINES_LOOKED_AT);
  return new Set(lines.flatMap(({ group, state }) => (group === STATE_GROUP ? [state] : [])));
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
  await takePercentageBack(attempt, deps);
  const before = attempt.run.state;
  attempt.run = await deps.runs.advance(attempt.run.id, state, message, deps.now());
  if (attempt.run.state !== state && isRunEnded(attempt.run.state)) {
    throw new RetryableError('RUN_ENDED', `Another worker has ended run '${attempt.run.id}'.`);
  }
  const told = attempt.run.messages.findLast((entry) => entry.state === state);
  if (before !== state && told) attempt.log.note({ ...stateLine(told), load: deps.load() });
  attempt.memory.push(memoryReading(deps.now(), state));
}

/** Tells how much of the state is done, in the log and in the message of the run, every few seconds. */
export async function tellProgress(attempt: Attempt, share: number, deps: RunDeps): Promise<void> {
  stopIfCanceled(attempt);
  const { state } = attempt.run;
  const told = attempt.tellOf(state, share);
  if (told === undefined) return;
  attempt.log.note(progressLine(state, told, deps.load()));
  attempt.plainMessage ??= attempt.run.messages.at(-1)?.message ?? '';
  attempt.run = await deps.runs.restate(attempt.run, `${attempt.plainMessage} ${told}`, deps.now());
}

/** What stays of a state that is over is what it was about. */
async function takePercentageBack(attempt: Attempt, { runs, now }: RunDeps): Promise<void> {
  const { plainMessage } = attempt;
  if (plainMessage === undefined) return;
  attempt.plainMessage = undefined;
  attempt.run = await runs.restate(attempt.run, plainMessage, now());
}

/** Notes what is odd in the log. */
export function warn({ log, run }: Attempt, message: string): void {
  log.note(warningLine(run.state, message));
}

/** @throws StopRun where somebody asked to cancel the run and nothing of it can be seen yet. For use within long steps. */
export function stopIfCanceled({ cancelNoticed, run }: Attempt): void {
  if (cancelNoticed && !hasReached(run, POINT_OF_NO_RETURN)) throw canceled();
}
