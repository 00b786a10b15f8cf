import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import type { QueueWorker } from '../constructs/queue-worker.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { StageProps } from './stage-props.ts';

export interface ReconcileProps extends StageProps {
  readonly ingest: QueueWorker;
  readonly schedule: QueueWorker;
  readonly run: QueueWorker;
  readonly complete: QueueWorker;
}

/** Finds what events missed and repairs what a crash left half done, through the same queues. */
export function createReconcile(scope: Construct, props: ReconcileProps): ServiceFunction {
  const { storage, monitoring, ingest, schedule, run, complete } = props;
  const reconcile = new ServiceFunction(scope, 'Reconcile', {
    stage: 'reconcile',
    description: 'Every five minutes: compares buckets with the registry, restarts what stopped.',
    memorySize: 1024,
    timeout: Duration.minutes(15),
    // Two at once would only find the same.
    reservedConcurrentExecutions: 1,
    access: [
      storage.table.readAndWrite(),
      storage.landing.read(),
      ...[ingest, schedule, run, complete].map((worker) => worker.send()),
    ],
  });
  new Rule(scope, 'ReconcileEveryFiveMinutes', {
    schedule: Schedule.rate(Duration.minutes(5)),
    // The next one comes soon enough.
    targets: [new LambdaFunction(reconcile.function, { retryAttempts: 0 })],
  });
  monitoring.watchFunction('reconcile', reconcile);
  return reconcile;
}
