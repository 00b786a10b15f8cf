import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { OnnxLayer } from '../constructs/onnx-layer.ts';
import { QueueWorker } from '../constructs/queue-worker.ts';
import type { SharpLayer } from '../constructs/sharp-layer.ts';
import type { DatasourceStageProps } from './stage-props.ts';

interface IngestProps extends DatasourceStageProps {
  readonly schedule: QueueWorker;
  readonly sharp: SharpLayer;
  readonly onnx: OnnxLayer;
}

/** An object of the landing bucket, or of a dataset's datasource, becomes a raw sample with facts and thumbnail. */
export function createIngest(
  scope: Construct,
  { storage, monitoring, datasources, schedule, sharp, onnx }: IngestProps,
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
    outcomes: [
      'ImagesRegistered',
      'ImagesRejected',
      'ImagesDeleted',
      'ImagesArchived',
      'EventsHeld',
      'ObjectsSkipped',
      'ObjectsOutsideDatasets',
    ],
    layers: [sharp, onnx],
    access: [
      storage.table.readAndWrite(),
      storage.landing.read(),
      datasources,
      storage.platform.readAndWrite(),
      schedule.send(),
    ],
  });
  // An event of a bucket that many datasets have named goes on in a message for each of them.
  ingest.allow(ingest.send());
  return ingest;
}
