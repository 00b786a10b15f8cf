import { type DatasourceError, InProgressError } from '#contracts/errors';
import { isRunEnded } from '#contracts/run-states';
import { problemOf } from '#platform/datasources/datasource-states';
import { stateLine } from '#platform/runs/log-lines';
import { UnreadableImageError } from '#worker/run-images';
import type { Attempt } from './attempt.ts';
import type { RunDeps } from './run-deps.ts';

/**
 * A run that can't read a datasource waits in the state in which it is, and keeps its dataset, until whoever owns the
 * datasource has put it right: no attempt is counted for it, and its message says what to do. What is wrong is noted on the
 * datasource first, for it is there that somebody finds out that it is right again.
 */
export async function waitForDatasource(
  attempt: Attempt,
  error: DatasourceError,
  deps: RunDeps,
): Promise<void> {
  const { dataset, run } = attempt;
  const at = deps.now();
  const asked =
    error instanceof UnreadableImageError
      ? { use: 'INPUT' as const, fileName: error.fileName }
      : { use: 'LIGHTLY' as const };
  await deps.datasourceStates.noteProblem(
    dataset.id,
    attempt.datasourcesVersion,
    problemOf(error, { ...asked, at }),
  );
  attempt.run = await deps.runs.waitForDatasource(run, error.message, at);
  if (!attempt.run.waitsForDatasource && !isRunEnded(attempt.run.state)) {
    throw new InProgressError(`Another worker goes on with run '${run.id}'.`);
  }
  const told = attempt.run.messages.at(-1);
  if (told) attempt.log.note({ ...stateLine(told), level: 'WARNING' });
  deps.telemetry.log('warn', 'Run waits for its datasource', { runId: run.id, datasetId: dataset.id });
  deps.telemetry.count('RunsWaiting', 1);
}
