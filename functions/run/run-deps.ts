import type { CompletionMessage, RunMessage, ShardMessage } from '#contracts/messages';
import type { Telemetry } from '#contracts/telemetry';
import type { DatasetStore } from '#platform/datasets/datasets';
import type { DatasetImages } from '#platform/datasources/dataset-images';
import type { DatasourceStateStore } from '#platform/datasources/datasource-states';
import type { DatasourceStore } from '#platform/datasources/datasources';
import type { WritableObjectStore } from '#platform/objects/objects';
import type { MessageSender } from '#platform/queues';
import type { Load } from '#platform/runs/log-writer';
import type { RunLogStore } from '#platform/runs/run-files';
import type { ArtifactStore, RunStore } from '#platform/runs/runs';
import type { RawSampleStore } from '#platform/samples/raw-samples';
import type { SampleAvailability } from '#platform/samples/sample-availability';
import type { SampleStore } from '#platform/samples/samples';
import type { ScheduledRunStore } from '#platform/scheduling/scheduled-runs';
import type { WorkerConfigStore } from '#platform/scheduling/worker-config-store';
import type { SyncStore } from '#platform/syncs/sync-store';
import type { TagStore } from '#platform/tags/tags';
import type { ExternalWorkersDeps } from '#platform/workers/external-workers';
import type { Thumbnail } from '#report/document/report-document';
import type { FindEmbeddingModel } from '#worker/embedding-models';
import type { ReadGivenDeps } from '#worker/read-given';

/** What a run needs of the world. */
export interface RunDeps extends ExternalWorkersDeps, ReadGivenDeps {
  readonly datasets: DatasetStore;
  readonly datasources: Pick<DatasourceStore, 'get'>;
  readonly syncs: Pick<SyncStore, 'get'>;
  readonly datasourceStates: Pick<DatasourceStateStore, 'get' | 'noteProblem'>;
  readonly rawSamples: RawSampleStore;
  readonly samples: SampleStore;
  readonly sampleAvailability: Pick<SampleAvailability, 'markAvailability' | 'unavailableIndexes'>;
  readonly tags: TagStore;
  readonly workerConfigs: WorkerConfigStore;
  readonly scheduledRuns: ScheduledRunStore;
  readonly runs: RunStore;
  readonly artifacts: ArtifactStore;
  readonly runLogs: RunLogStore;
  readonly objects: WritableObjectStore;
  /** A thumbnail as documents take it; throws where it is no image. */
  readonly jpegOf: (thumbnail: Uint8Array) => Promise<Thumbnail>;
  /** The images themselves, where a run has to look at them again. */
  readonly datasetImages: Pick<DatasetImages, 'open' | 'head'>;
  /** What has described them. */
  readonly models: FindEmbeddingModel;
  readonly runQueue: MessageSender<RunMessage>;
  readonly shardQueue: MessageSender<ShardMessage>;
  readonly completionQueue: MessageSender<CompletionMessage>;
  readonly telemetry: Telemetry;
  readonly platformBucket: string;
  /** A worker that gave no sign of life for this long (seconds) is taken for dead. */
  readonly leaseSeconds: number;
  /** After so many attempts a run is given up. */
  readonly maxAttempts: number;
  /** Candidates that one worker selects from; of more, shards are selected from first. */
  readonly mostCandidates: number;
  /** Load of this process since the last call. */
  readonly load: () => Load;
  /** Resolves after so many ms. */
  readonly pause: (ms: number) => Promise<void>;
  /** Calls `work` every so many ms until the returned function is called. */
  readonly repeat: (work: () => void, intervalMs: number) => () => void;
}
