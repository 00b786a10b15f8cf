import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { QueueWorker } from '../constructs/queue-worker.ts';
import type { StageProps } from './stage-props.ts';

/** Fans a completed run out to exports and archive. */
export function createComplete(
  scope: Construct,
  props: StageProps & { readonly exports: QueueWorker; readonly archive: QueueWorker },
): QueueWorker {
  const { storage, monitoring, exports, archive } = props;
  return new QueueWorker(scope, 'Complete', {
    stage: 'complete',
    description: 'Fans a completed run out: one message per export format, one to the archive.',
    memorySize: 256,
    timeout: Duration.seconds(30),
    batchSize: 10,
    oldestMessageMinutes: 30,
    monitoring,
    outcomes: ['ExportsRequested', 'ArchivesRequested'],
    access: [storage.table.readAndWrite(), exports.send(), archive.send()],
  });
}
