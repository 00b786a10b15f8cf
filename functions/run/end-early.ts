import { InProgressError } from '#contracts/errors';
import type { Run } from '#contracts/items';
import { isRunEnded } from '#contracts/run-states';
import { stateLine } from '#platform/runs/log-lines';
import { hasReached, POINT_OF_NO_RETURN } from '#platform/runs/run-progress';
import { logFile } from '#report/text-artifacts';
import type { StopRun } from '#worker/stop-run';
import type { Attempt } from './attempt.ts';
import { putArtifact } from './results/put-artifact.ts';
import type { RunDeps } from './run-deps.ts';

/**
 * Ends a run before anything of it can be seen. Its images stay pending, for another run.
 *
 * @throws InProgressError where another worker, which saw what this one did not, is past that point.
 */
export async function endEarly(attempt: Attempt, stop: StopRun, deps: RunDeps): Promise<Run> {
  const run = (await deps.runs.get(attempt.run.id)) ?? attempt.run;
  if (isRunEnded(run.state)) return run;
  if (hasReached(run, POINT_OF_NO_RETURN)) {
    throw new InProgressError(`Another worker is finishing run '${run.id}'.`);
  }
  const at = deps.now();
  const { endState, message } = stop;
  const messages = [...run.messages, { at, state: endState, message }];
  const log = logFile({ ...run, messages }, endState);
  for (const file of [...stop.files, log]) await putArtifact(run, file, at, deps);
  attempt.log.note(stateLine({ at, state: endState, message }));
  return deps.runs.advance(run.id, endState, message, at);
}
