import type { ScheduledRun } from '#contracts/items';
import { PRIORITIES } from '#contracts/settings';

const urgency = ({ priority }: ScheduledRun): number => PRIORITIES.indexOf(priority);

/** The OPEN scheduled run whose turn it is: the highest priority, and of those the one that waited longest. */
export function nextScheduledRun(unfinished: readonly ScheduledRun[]): ScheduledRun | undefined {
  return unfinished
    .filter(({ state }) => state === 'OPEN')
    .toSorted((a, b) => urgency(b) - urgency(a) || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))[0];
}
