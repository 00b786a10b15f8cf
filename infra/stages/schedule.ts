import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { QueueWorker } from '../constructs/queue-worker.ts';
import type { StageProps } from './stage-props.ts';

/** Looks whether a dataset is due for a run. */
export function createSchedule(
  scope: Construct,
  { storage, monitoring, run }: StageProps & { readonly run: QueueWorker },
): QueueWorker {
  const schedule = new QueueWorker(scope, 'Schedule', {
    stage: 'schedule',
    description: 'Schedules a run when enough images are new and it has been quiet for long enough.',
    memorySize: 256,
    timeout: Duration.seconds(30),
    batchSize: 10,
    oldestMessageMinutes: 45,
    monitoring,
    outcomes: ['RunsScheduled', 'ChecksPostponed'],
    access: [storage.table.readAndWrite(), run.send()],
  });
  // A check that comes too early puts itself off.
  schedule.allow(schedule.send());
  return schedule;
}
