import type { Telemetry } from '#contracts/telemetry';

/**
 * Counts one outcome as 1 and each of the others as 0. A graph then shows a line at 0 for a stage that works and
 * has nothing to report, and a gap for a stage that is dead.
 *
 * @param outcomes every metric that the counted step can end in
 */
export function countOutcome<const Outcome extends string>(
  telemetry: Pick<Telemetry, 'count'>,
  outcomes: readonly Outcome[],
  happened: NoInfer<Outcome>,
): void {
  for (const outcome of outcomes) telemetry.count(outcome, outcome === happened ? 1 : 0);
}
