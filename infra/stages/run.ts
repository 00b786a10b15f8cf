import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { OnnxLayer } from '../constructs/onnx-layer.ts';
import { QueueWorker } from '../constructs/queue-worker.ts';
import type { SharpLayer } from '../constructs/sharp-layer.ts';
import type { DatasourceStageProps } from './stage-props.ts';

interface RunProps extends DatasourceStageProps {
  readonly complete: QueueWorker;
  readonly shard: QueueWorker;
  readonly sharp: SharpLayer;
  readonly onnx: OnnxLayer;
  /** MB; the facts of all candidates are in it. */
  readonly memorySize: number;
}

/** The worker: selects among the new images of a dataset. */
export function createRun(
  scope: Construct,
  { storage, monitoring, datasources, complete, shard, sharp, onnx, memorySize }: RunProps,
): QueueWorker {
  const run = new QueueWorker(scope, 'Run', {
    stage: 'run',
    description: 'Carries out a scheduled run: select, tag, report, artifacts.',
    memorySize,
    timeout: Duration.minutes(15),
    batchSize: 1,
    oldestMessageMinutes: 120,
    monitoring,
    outcomes: ['RunsCompleted', 'RunsFailed', 'RunsAborted', 'RunsWaiting'],
    // Object crops and training look at images again.
    layers: [sharp, onnx],
    access: [
      storage.table.readAndWrite(),
      // What is replaced of the snapshot of facts is deleted.
      storage.platform.readWriteAndDelete(),
      // When the lifecycle of the bucket deletes an image is told with the image.
      storage.landing.read(),
      // Images, predictions and metadata may be in a bucket that its owner lends.
      datasources,
      complete.send(),
      shard.send(),
    ],
  });
  // The run that ends starts the next one of its dataset.
  run.allow(run.send());
  // Such a run has ended: its message succeeded, so that no other alarm tells.
  monitoring.alarmOnOutcome('run', 'failed runs', {
    outcome: 'RunsFailed',
    meaning: 'A run ended as FAILED or CRASHED: its dataset gets no exports from it.',
  });
  return run;
}
