import type { RunMessage } from '#contracts/messages';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import type { RunDeps } from '../../functions/run/run-deps.ts';
import { failingAtCall, Killed } from './failing-at-call.ts';

/**
 * Carries out a run with a worker that dies at its call `fatal` of these ports. True where it lived to the end; throws
 * where anything else than its death ends it.
 */
export async function livesPast(
  fatal: number,
  message: RunMessage,
  deps: RunDeps,
  ports: readonly (keyof RunDeps)[],
): Promise<boolean> {
  try {
    await carryOutRun(message, failingAtCall<RunDeps>(deps, ports, fatal).deps);
    return true;
  } catch (error) {
    if (error instanceof Killed) return false;
    throw error;
  }
}
