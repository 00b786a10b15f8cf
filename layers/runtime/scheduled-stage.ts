import type { Context } from 'aws-lambda';
import type { Stage } from '#contracts/stages';
import { observe } from './observability.ts';
import { observedHandler } from './observed-handler.ts';
import { countOutcome } from './outcomes.ts';

export type ScheduledWork = (invocation: {
  /** ms until Lambda stops this invocation. */
  readonly remainingTimeMs: () => number;
}) => Promise<void>;

const ROUND_OUTCOMES = ['RoundsSucceeded', 'RoundsFailed'] as const;

/** The Lambda handler of a stage that the clock starts. What it throws is the invocation's error. */
export function scheduledStage(
  stage: Stage,
  work: ScheduledWork,
): (event: unknown, context: Context) => Promise<void> {
  const observability = observe(stage);
  return observedHandler<unknown, void>(observability, async (_event, context) => {
    const { logger, telemetry } = observability;
    try {
      await work({ remainingTimeMs: () => context.getRemainingTimeInMillis() });
      countOutcome(telemetry, ROUND_OUTCOMES, 'RoundsSucceeded');
    } catch (error) {
      countOutcome(telemetry, ROUND_OUTCOMES, 'RoundsFailed');
      logger.error('The round failed', { error });
      throw error;
    }
  });
}
