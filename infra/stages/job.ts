import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { QueueWorker } from '../constructs/queue-worker.ts';
import type { StageProps } from './stage-props.ts';

/** Does in the background what the API only starts: deleting a dataset, sampling, projections. */
export function createJob(scope: Construct, { storage, monitoring }: StageProps): QueueWorker {
  const job = new QueueWorker(scope, 'Job', {
    stage: 'job',
    description: 'Does what the API started: deletes a dataset, samples, projects embeddings.',
    memorySize: 3008,
    timeout: Duration.minutes(15),
    batchSize: 1,
    oldestMessageMinutes: 120,
    monitoring,
    outcomes: ['JobsFinished', 'JobsFailed'],
    access: [storage.table.readAndWrite(), storage.platform.readWriteAndDelete()],
  });
  // A deletion that needs more time, or a second look, goes on with a message of its own.
  job.allow(job.send());
  return job;
}
