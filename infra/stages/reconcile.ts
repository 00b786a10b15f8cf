import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import type { QueueWorker } from '../constructs/queue-worker.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { DatasourceStageProps } from './stage-props.ts';

export interface ReconcileProps extends DatasourceStageProps {
  readonly ingest: QueueWorker;
  readonly sync: QueueWorker;
  readonly schedule: QueueWorker;
  readonly run: QueueWorker;
  readonly complete: QueueWorker;
  readonly job: QueueWorker;
}

const OUTCOMES = [
  'DatasourcesFailing',
  'EventsStranded',
  'RunsStalled',
  'CompletionsForgotten',
  'ChecksLost',
  'EmbeddingsOutdated',
  'SyncsDue',
  'ExportsOutdated',
  'DeletionsForgotten',
  'FoldersUnknown',
];

/** Finds what events missed and repairs what a crash left half done, through the same queues. */
export function createReconcile(scope: Construct, props: ReconcileProps): ServiceFunction {
  const { storage, monitoring, datasources, ingest, sync, schedule, run, complete, job } = props;
  const reconcile = new ServiceFunction(scope, 'Reconcile', {
    stage: 'reconcile',
    description: 'Every five minutes: asks for listings that are due, restarts what stopped.',
    memorySize: 1024,
    timeout: Duration.minutes(15),
    access: [
      storage.table.readAndWrite(),
      storage.landing.read(),
      datasources,
      // Where LIGHTLY has refused, it is tried again, also where it is Winnow's own: that writes and deletes.
      storage.platform.readWriteAndDelete(),
      ...[ingest, sync, schedule, run, complete, job].map((worker) => worker.send()),
    ],
  });
  // A round that takes longer than the interval is joined by the next, which does no harm. Concurrency reserved to
  // keep them apart would: accounts that are new have none to reserve, and could not deploy.
  new Rule(scope, 'ReconcileEveryFiveMinutes', {
    schedule: Schedule.rate(Duration.minutes(5)),
    targets: [new LambdaFunction(reconcile.function, { retryAttempts: 0 })],
  });
  // The next one comes soon enough.
  reconcile.function.configureAsyncInvoke({ retryAttempts: 0 });
  monitoring.watchFunction('reconcile', reconcile, OUTCOMES);
  // What waits for its owner fails nowhere, so that no other alarm tells. One that mends itself is no alarm.
  monitoring.alarmOnOutcome('reconcile', 'datasource problems', {
    outcome: 'DatasourcesFailing',
    meaning: 'Datasources have refused Winnow for a quarter of an hour: their images wait.',
    evaluationPeriods: 3,
  });
  return reconcile;
}
