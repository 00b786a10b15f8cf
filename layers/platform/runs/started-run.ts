import type { Run, ScheduledRun } from '#contracts/items';

/** A run that a worker has just taken. */
export function startedRun(id: string, scheduled: ScheduledRun, now: number): Run {
  const { userId, datasetId, id: scheduledId, configId } = scheduled;
  return {
    id,
    userId,
    datasetId,
    scheduledId,
    configId,
    state: 'STARTED',
    createdAt: now,
    lastModifiedAt: now,
    heartbeatAt: now,
    attempts: 1,
    cutoff: now,
    hasLog: true,
    messages: [{ at: now, state: 'STARTED', message: 'A worker has taken the run.' }],
  };
}
