import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { QueueWorker } from '../constructs/queue-worker.ts';
import type { DatasourceStageProps } from './stage-props.ts';

/** Writes one format of a run's tag. */
export function createExport(
  scope: Construct,
  { storage, monitoring, datasources }: DatasourceStageProps,
): QueueWorker {
  return new QueueWorker(scope, 'Export', {
    stage: 'export',
    description: 'Writes one export format of a completed run.',
    memorySize: 1024,
    timeout: Duration.minutes(15),
    batchSize: 1,
    oldestMessageMinutes: 120,
    monitoring,
    outcomes: ['ExportedRows'],
    access: [
      storage.table.readAndWrite(),
      storage.platform.read(),
      storage.exports.readAndWrite(),
      // Read URLs that are signed can do what their signer can.
      storage.landing.read(),
      datasources,
      storage.publicKeySecret.read(),
    ],
  });
}
