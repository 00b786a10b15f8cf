import { NotFoundError } from '#contracts/errors';
import type { Dataset, Intake } from '#contracts/items';
import type { RunMessage, ScheduleCheckMessage } from '#contracts/messages';
import type { ObjectId } from '#contracts/schema';
import { LONGEST_DELAY_SECONDS } from '#contracts/stages';
import type { Telemetry } from '#contracts/telemetry';
import type { DatasetStore } from '#platform/datasets/datasets';
import type { MessageSender } from '#platform/queues';
import type { RawSampleStore } from '#platform/samples/raw-samples';
import { decideSchedule, type IntakeStore, type ScheduleDecision } from '#platform/scheduling/intake';
import type { ScheduledRunStore } from '#platform/scheduling/scheduled-runs';
import type { WorkerConfigStore } from '#platform/scheduling/worker-config-store';
import { countOutcome } from '#runtime/outcomes';
import { openScheduledRun } from './open-scheduled-run.ts';

export interface ScheduleDeps {
  readonly datasets: Pick<DatasetStore, 'get'>;
  readonly rawSamples: Pick<RawSampleStore, 'countPending'>;
  readonly intake: Pick<IntakeStore, 'get' | 'postponeCheck' | 'close'>;
  readonly workerConfigs: Pick<WorkerConfigStore, 'create'>;
  readonly scheduledRuns: Pick<ScheduledRunStore, 'create' | 'get' | 'listUnfinished'>;
  readonly runQueue: MessageSender<RunMessage>;
  readonly scheduleQueue: MessageSender<ScheduleCheckMessage>;
  readonly telemetry: Telemetry;
  readonly now: () => number;
  readonly newId: () => ObjectId;
}

const CHECK_OUTCOMES = ['RunsScheduled', 'ChecksPostponed', 'ChecksWithoutNeed', 'ChecksOutdated'] as const;
type CheckOutcome = (typeof CHECK_OUTCOMES)[number];

/** How often (ms) it is looked whether a pause is over. */
const LOOK_FOR_END_OF_PAUSE_MS = 5 * 60_000;

/** Queues deliver a delayed message up to this much (ms) before the sender's clock says. */
const CLOCK_TOLERANCE_MS = 1_000;

/**
 * Decides whether a dataset is due for a run. Exactly one check of a dataset is pending while it has an intake, so
 * every way out of here either closes the intake or sends the next check.
 *
 * The scheduled run gets the id that the intake carries: however often this is repeated, and wherever it was
 * killed before, one intake leads to one scheduled run.
 *
 * @param delivery `redelivered`: an earlier delivery of this check may have been killed after it put the check off
 * and before it sent the next one, so that one is sent again
 */
export async function checkDataset(
  { datasetId }: ScheduleCheckMessage,
  deps: ScheduleDeps,
  delivery: { readonly redelivered: boolean },
): Promise<void> {
  const intake = await deps.intake.get(datasetId);
  // Closed, or put off by another delivery of this very check, whose successor is under way.
  const isOutdated = !intake || deps.now() < intake.checkAt - CLOCK_TOLERANCE_MS;
  if (isOutdated && intake && delivery.redelivered) {
    await deps.scheduleQueue.send({ datasetId }, { delaySeconds: secondsUntil(intake.checkAt, deps.now()) });
  }
  const outcome = isOutdated ? 'ChecksOutdated' : await checkIntake(intake, deps);
  countOutcome(deps.telemetry, CHECK_OUTCOMES, outcome);
}

async function checkIntake(intake: Intake, deps: ScheduleDeps): Promise<CheckOutcome> {
  const dataset = await deps.datasets.get(intake.datasetId);
  if (!dataset) throw new NotFoundError('dataset', intake.datasetId);
  const decision = await decide(intake, dataset, deps);
  switch (decision.do) {
    case 'wait':
      await postpone(intake, decision.until, deps);
      return 'ChecksPostponed';
    case 'schedule':
      await openScheduledRun(intake.scheduledId, dataset, deps);
      await close(intake, dataset, deps);
      return 'RunsScheduled';
    case 'nothing':
      await close(intake, dataset, deps);
      return 'ChecksWithoutNeed';
    default:
      return decision satisfies never;
  }
}

async function decide(intake: Intake, dataset: Dataset, deps: ScheduleDeps): Promise<ScheduleDecision> {
  // Killed between the creation of the run and the end of the intake: goes on where it stopped.
  if (await deps.scheduledRuns.get(intake.scheduledId)) return { do: 'schedule' };
  // Nobody else would ask again for images that came after a run that has failed.
  if (dataset.pausedAt !== undefined) return { do: 'wait', until: deps.now() + LOOK_FOR_END_OF_PAUSE_MS };
  const { schedule } = dataset.settings;
  const unfinished = await deps.scheduledRuns.listUnfinished(dataset.id);
  const busy = dataset.lockedBy !== undefined || unfinished.length > 0;
  const pendingImages = await deps.rawSamples.countPending(dataset.id, schedule.minNewImages);
  return decideSchedule(intake, schedule, pendingImages, busy, deps.now());
}

async function postpone(intake: Intake, until: number, deps: ScheduleDeps): Promise<void> {
  const delaySeconds = secondsUntil(until, deps.now());
  const checkAt = deps.now() + delaySeconds * 1000;
  if (await deps.intake.postponeCheck(intake, checkAt)) {
    await deps.scheduleQueue.send({ datasetId: intake.datasetId }, { delaySeconds });
  }
}

/** Ends the intake; where images have arrived meanwhile it goes on, and so do its checks. */
async function close(intake: Intake, { id, settings }: Dataset, deps: ScheduleDeps): Promise<void> {
  const now = deps.now();
  const delaySeconds = settings.schedule.quietPeriodSeconds;
  const next = { scheduledId: deps.newId(), checkAt: now + delaySeconds * 1000 };
  if (!(await deps.intake.close(intake, next))) {
    await deps.scheduleQueue.send({ datasetId: id }, { delaySeconds });
  }
}

const secondsUntil = (at: number, now: number): number =>
  Math.min(Math.max(Math.ceil((at - now) / 1000), 0), LONGEST_DELAY_SECONDS);
