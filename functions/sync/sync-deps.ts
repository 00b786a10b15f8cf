import type { IngestRequest } from '#contracts/object-event';
import type { ObjectId } from '#contracts/schema';
import type { SyncMessage } from '#contracts/syncs';
import type { Telemetry } from '#contracts/telemetry';
import type { DatasetStore } from '#platform/datasets/datasets';
import type { DatasourceConnections } from '#platform/datasources/datasource-objects';
import type { DatasourceStateStore } from '#platform/datasources/datasource-states';
import type { DatasourceStore } from '#platform/datasources/datasources';
import type { HeldEventStore } from '#platform/datasources/input/held-events';
import type { BatchSender, CountMessages, MessageSender } from '#platform/queues';
import type { RawSampleStore } from '#platform/samples/raw-samples';
import type { RequestMemory } from '#platform/syncs/request-memory';
import type { SyncMemory } from '#platform/syncs/sync-memory';
import { YOUNGEST_OBJECT_MS } from '#platform/syncs/sync-schedule';
import type { SyncStore } from '#platform/syncs/sync-store';

/** What the stage works with: it lists, compares, and asks ingest to look. It never reads an image. */
export interface SyncDeps {
  readonly datasets: Pick<DatasetStore, 'get'>;
  readonly datasources: Pick<DatasourceStore, 'get'>;
  readonly datasourceConnections: DatasourceConnections;
  readonly states: Pick<DatasourceStateStore, 'get' | 'noteProblem' | 'claimRelease' | 'endRelease'>;
  readonly rawSamples: Pick<RawSampleStore, 'listRange' | 'getMany'>;
  readonly heldEvents: Pick<HeldEventStore, 'list' | 'release'>;
  readonly syncs: SyncStore;
  readonly memory: SyncMemory;
  readonly ingestQueue: BatchSender<IngestRequest>;
  readonly syncQueue: MessageSender<SyncMessage>;
  /** How many messages ingest has still to take. */
  readonly ingestBacklog: CountMessages;
  readonly requests: RequestMemory;
  readonly telemetry: Telemetry;
  /** ms */
  readonly now: () => number;
  readonly newId: () => ObjectId;
  readonly limits: SyncLimits;
}

export interface SyncLimits {
  /** Objects that are younger than this (ms) are left to their events, which are under way. */
  readonly youngestObjectMs: number;
  /** How often (ms) it is noted where a sync has come to. */
  readonly saveEveryMs: number;
  /** With more messages for ingest than this, a sync waits. */
  readonly mostBacklog: number;
}

export const USUAL_LIMITS: SyncLimits = {
  youngestObjectMs: YOUNGEST_OBJECT_MS,
  saveEveryMs: 5_000,
  mostBacklog: 20_000,
};
