import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { QueueWorker } from '../constructs/queue-worker.ts';
import type { DatasourceStageProps } from './stage-props.ts';

/** Lists datasources and has ingest look at what the registry does not know as it is. */
export function createSync(
  scope: Construct,
  { storage, monitoring, datasources, ingest }: DatasourceStageProps & { readonly ingest: QueueWorker },
): QueueWorker {
  const sync = new QueueWorker(scope, 'Sync', {
    stage: 'sync',
    description: 'Compares listings of datasources with the registry; sends held events on.',
    memorySize: 1024,
    timeout: Duration.minutes(15),
    batchSize: 1,
    // Many datasets may be due at once, and images that arrive come first.
    maxConcurrency: 50,
    // A large bucket takes several invocations, one after the other, and ingest has to keep up.
    oldestMessageMinutes: 120,
    monitoring,
    outcomes: ['ObjectsListed', 'ObjectsMissed', 'ObjectsGone', 'EventsReleased'],
    access: [
      storage.table.readAndWrite(),
      // Digests of what was listed last.
      storage.platform.readAndWrite(),
      storage.landing.read(),
      datasources,
      ingest.send(),
      // It sends no more while ingest has enough to do.
      ingest.seeBacklog(),
    ],
  });
  // A listing that needs more time goes on with a message of its own.
  sync.allow(sync.send());
  return sync;
}
