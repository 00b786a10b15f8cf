import type { JobMessage } from '#contracts/jobs';
import type { CompletionMessage, RunMessage, ScheduleCheckMessage } from '#contracts/messages';
import type { IngestRequest } from '#contracts/object-event';
import type { ObjectId } from '#contracts/schema';
import type { SyncMessage } from '#contracts/syncs';
import type { Telemetry } from '#contracts/telemetry';
import type { DatasetStore } from '#platform/datasets/datasets';
import type { DatasourceStateStore } from '#platform/datasources/datasource-states';
import type { HeldEventStore } from '#platform/datasources/input/held-events';
import type { VerifyAndNoteDeps } from '#platform/datasources/verify-and-note';
import type { ExportStore } from '#platform/exports/exports';
import type { JobStore } from '#platform/jobs/jobs';
import type { ObjectStore } from '#platform/objects/objects';
import type { MessageSender } from '#platform/queues';
import type { RunStore } from '#platform/runs/runs';
import type { RawSampleStore } from '#platform/samples/raw-samples';
import type { SampleAvailability } from '#platform/samples/sample-availability';
import type { IntakeStore } from '#platform/scheduling/intake';
import type { ScheduledRunStore } from '#platform/scheduling/scheduled-runs';
import type { RequestMemory } from '#platform/syncs/request-memory';
import type { SyncStore } from '#platform/syncs/sync-store';
import type { TagStore } from '#platform/tags/tags';
import type { ExternalWorkersDeps } from '#platform/workers/external-workers';

/** What reconcile works with: it reads what is there, and repairs by messages to the stages whose work it is. */
export interface ReconcileDeps extends ExternalWorkersDeps, VerifyAndNoteDeps {
  readonly datasets: Pick<DatasetStore, 'list' | 'listDeleted' | 'nameReleasedAt' | 'unlock'>;
  readonly rawSamples: Pick<RawSampleStore, 'list' | 'countPending'>;
  readonly intake: Pick<IntakeStore, 'get' | 'noteArrival'>;
  readonly scheduledRuns: Pick<ScheduledRunStore, 'get' | 'listUnfinished'>;
  readonly runs: Pick<RunStore, 'get' | 'list'>;
  readonly jobs: Pick<JobStore, 'create'>;
  readonly syncs: Pick<SyncStore, 'get'>;
  readonly heldEvents: Pick<HeldEventStore, 'list'>;
  readonly datasourceStates: Pick<DatasourceStateStore, 'get' | 'noteVerified' | 'noteNoneHeld'>;
  readonly sampleAvailability: Pick<SampleAvailability, 'unavailableIndexes'>;
  readonly tags: Pick<TagStore, 'create' | 'get' | 'getHeader' | 'update'>;
  readonly exports: Pick<ExportStore, 'listForRun'>;
  readonly landing: Pick<ObjectStore, 'list' | 'listFolders'>;
  readonly landingBucket: string;
  readonly ingestQueue: MessageSender<IngestRequest>;
  readonly syncQueue: MessageSender<SyncMessage>;
  readonly scheduleQueue: MessageSender<ScheduleCheckMessage>;
  readonly runQueue: MessageSender<RunMessage>;
  readonly completeQueue: MessageSender<CompletionMessage>;
  readonly jobQueue: MessageSender<JobMessage>;
  /** What this process has asked ingest for. */
  readonly requests: RequestMemory;
  /** By which model all images of a dataset were described when this process last looked, by its id. */
  readonly describedBy: Map<ObjectId, string>;
  /** Objects that are younger than this (ms) are left to their events, which are under way. */
  readonly youngestObjectMs: number;
  /** What one datasource may take to be tried (ms). */
  readonly longestTrialMs: number;
  readonly telemetry: Telemetry;
  readonly newId: () => ObjectId;
}
