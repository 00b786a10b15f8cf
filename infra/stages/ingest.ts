import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { reportObjectsTo } from '../constructs/landing-bucket.ts';
import type { OnnxLayer } from '../constructs/onnx-layer.ts';
import { QueueWorker } from '../constructs/queue-worker.ts';
import type { SharpLayer } from '../constructs/sharp-layer.ts';
import type { StageProps } from './stage-props.ts';

/** An object of the landing bucket becomes a raw sample with facts and thumbnail. */
export function createIngest(
  scope: Construct,
  {
    storage,
    monitoring,
    schedule,
    sharp,
    onnx,
  }: StageProps & { readonly schedule: QueueWorker; readonly sharp: SharpLayer; readonly onnx: OnnxLayer },
): QueueWorker {
  const ingest = new QueueWorker(scope, 'Ingest', {
    stage: 'ingest',
    description: 'Reads new images: checks, thumbnail, metadata, embedding; registers them.',
    // One processor: two images are read at a time, one is decoded at a time.
    memorySize: 1769,
    timeout: Duration.minutes(2),
    batchSize: 10,
    maxConcurrency: 100,
    oldestMessageMinutes: 60,
    monitoring,
    outcomes: ['ImagesRegistered', 'ImagesRejected', 'ImagesDeleted', 'ObjectsOutsideDatasets'],
    layers: [sharp, onnx],
    access: [
      storage.table.readAndWrite(),
      storage.landing.read(),
      storage.platform.readAndWrite(),
      schedule.send(),
    ],
  });
  reportObjectsTo(ingest.queue, storage.landing);
  return ingest;
}
