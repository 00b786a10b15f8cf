import type { Intake } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import type { ScheduleSettings } from '#contracts/settings';

/** The debounce of each dataset as it is kept. */
export interface IntakeStore {
  get(datasetId: ObjectId): Promise<Intake | undefined>;
  /**
   * New images have been registered. Opens the intake under `scheduledId` where there is none. `checkClaimed` is
   * true where the caller must send the schedule check that is due at `checkAt`: there was no pending check, or it
   * is overdue by more than `LOST_CHECK_AFTER_MS` and so was lost.
   */
  noteArrival(arrival: {
    readonly datasetId: ObjectId;
    readonly scheduledId: ObjectId;
    readonly at: number;
    readonly checkAt: number;
  }): Promise<{ readonly checkClaimed: boolean }>;
  /** Puts the pending check off, where `seen.checkAt` is still the stored one. True where it was. */
  postponeCheck(seen: Intake, checkAt: number): Promise<boolean>;
  /**
   * Closes the intake: its scheduled run was made, or too little is new for one. False where images have arrived since `seen` was read: the
   * intake then goes on under `next`, its first arrival being the last one, and the caller sends a check.
   */
  close(seen: Intake, next: { readonly scheduledId: ObjectId; readonly checkAt: number }): Promise<boolean>;
}

/** A check that is this much overdue (ms) was lost by a process that died between claiming and sending it. */
export const LOST_CHECK_AFTER_MS = 60_000;

export type ScheduleDecision =
  | { readonly do: 'schedule' }
  | { readonly do: 'wait'; readonly until: number }
  /** Too few new images; the next arrival asks again. */
  | { readonly do: 'nothing' };

/**
 * Whether a dataset is due for a run.
 *
 * @param pendingImages what no run has read, rejected files included, counted up to `minNewImages`
 * @param busy a run of the dataset is under way: what it has not read yet can't be told from what it has
 */
export function decideSchedule(
  intake: Pick<Intake, 'firstArrivalAt' | 'lastArrivalAt'>,
  settings: ScheduleSettings,
  pendingImages: number,
  busy: boolean,
  now: number,
): ScheduleDecision {
  const quietAt = intake.lastArrivalAt + settings.quietPeriodSeconds * 1000;
  const waitedEnoughAt = intake.firstArrivalAt + settings.maxWaitSeconds * 1000;
  const dueAt = Math.min(quietAt, waitedEnoughAt);
  if (now < dueAt) return { do: 'wait', until: dueAt };
  if (busy) return { do: 'wait', until: now + Math.max(settings.quietPeriodSeconds, 1) * 1000 };
  return pendingImages >= settings.minNewImages ? { do: 'schedule' } : { do: 'nothing' };
}
