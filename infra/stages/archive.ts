import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { QueueWorker } from '../constructs/queue-worker.ts';
import type { StageProps } from './stage-props.ts';

/** Puts the artifacts of a run into one verified zip. */
export function createArchive(scope: Construct, { storage, monitoring }: StageProps): QueueWorker {
  return new QueueWorker(scope, 'Archive', {
    stage: 'archive',
    description: 'Archives the artifacts of a completed run in one verified zip.',
    memorySize: 1024,
    timeout: Duration.minutes(15),
    batchSize: 1,
    oldestMessageMinutes: 120,
    monitoring,
    outcomes: ['RunsArchived'],
    access: [storage.table.readAndWrite(), storage.platform.read(), storage.archive.readAndWrite()],
  });
}
