import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { InputEvents } from './constructs/input-events.ts';
import { reportObjectsTo } from './constructs/landing-bucket.ts';
import { Monitoring } from './constructs/monitoring.ts';
import { OnnxLayer } from './constructs/onnx-layer.ts';
import { openedDatasources } from './constructs/opened-datasources.ts';
import { SharpLayer } from './constructs/sharp-layer.ts';
import { Storage } from './constructs/storage.ts';
import type { Parameters } from './parameters.ts';
import { createApi } from './stages/api.ts';
import { createArchive } from './stages/archive.ts';
import { createComplete } from './stages/complete.ts';
import { createExport } from './stages/export.ts';
import { createIngest } from './stages/ingest.ts';
import { createJob } from './stages/job.ts';
import { createReconcile } from './stages/reconcile.ts';
import { createRun } from './stages/run.ts';
import { createSchedule } from './stages/schedule.ts';
import { createShard } from './stages/shard.ts';
import { createSync } from './stages/sync.ts';

export interface PipelineStackProps extends StackProps {
  readonly parameters: Parameters;
}

/** The map: every stage, made from its end so that each can be told where its messages go. */
export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, { parameters, ...props }: PipelineStackProps) {
    super(scope, id, props);
    const storage = new Storage(this, 'Storage', parameters);
    const monitoring = new Monitoring(this, 'Monitoring', { alarmEmail: parameters.alarmEmail });
    const common = { storage, monitoring, datasources: openedDatasources(parameters) };
    const native = { sharp: new SharpLayer(this, 'Sharp'), onnx: new OnnxLayer(this, 'Onnx') };

    const archive = createArchive(this, common);
    const exports = createExport(this, common);
    const complete = createComplete(this, { ...common, exports, archive });
    const memorySize = parameters.runMemoryMegabytes;
    const shard = createShard(this, { ...common, memorySize });
    const run = createRun(this, { ...common, ...native, complete, shard, memorySize });
    const schedule = createSchedule(this, { ...common, run });
    const ingest = createIngest(this, { ...common, schedule, ...native });
    const inputEvents = new InputEvents(this, 'InputEvents', { ...parameters, receiver: ingest });
    reportObjectsTo(ingest.queue, storage.landing);

    const job = createJob(this, common);
    const sync = createSync(this, { ...common, ingest });
    createReconcile(this, { ...common, ingest, sync, schedule, run, complete, job });
    const api = createApi(this, { ...common, ingest, inputEvents, sync, run, job });
    // What is exported leads back to the API.
    exports.allow(api);
    monitoring.drawDashboard();
  }
}
