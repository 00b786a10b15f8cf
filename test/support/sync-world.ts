import { randomUUID } from 'node:crypto';
import pMap from 'p-map';
import { datasetStore } from '#aws/dataset-store';
import { datasourceConnections } from '#aws/datasource-connections';
import { datasourceStateStore } from '#aws/datasource-state-store';
import { datasourceStore } from '#aws/datasource-store';
import { heldEventStore } from '#aws/held-event-store';
import { rawSampleStore } from '#aws/raw-sample-store';
import { objectStore } from '#aws/s3-objects';
import { itemCodec } from '#aws/stored-item';
import { syncStore } from '#aws/sync-store';
import { putItems } from '#aws/table-batches';
import { type Dataset, type RawSample, rawSample } from '#contracts/items';
import type { IngestRequest, ObjectEvent } from '#contracts/object-event';
import { newObjectId } from '#contracts/schema';
import { datasetSettings } from '#contracts/settings';
import type { SyncMessage } from '#contracts/syncs';
import { rawSampleKey } from '#contracts/table-keys';
import { newLandingDataset } from '#platform/datasets/datasets';
import { requestMemory } from '#platform/syncs/request-memory';
import { syncMemory } from '#platform/syncs/sync-memory';
import { syncDataset } from '../../functions/sync/sync-dataset.ts';
import type { SyncDeps } from '../../functions/sync/sync-deps.ts';
import { startStorageServer, startTableServer } from './aws-servers.ts';
import { collect } from './documents.ts';
import { type GeneratedObject, generatedFrom, startListingServer } from './listing-server.ts';
import { recordedQueue } from './recorded-queue.ts';
import { recordedTelemetry } from './recorded-telemetry.ts';

export const ENOUGH_TIME = () => false;

const REJECTED = { state: 'rejected', rejection: { code: 'CORRUPT', reason: 'It is no image.' } } as const;
/** The bucket of datasets, unless they are told otherwise. */
export const INPUT = 'input-bucket';
const codec = itemCodec<RawSample>('raw sample', rawSample);

/**
 * The stage sync on a real table and a real platform bucket, over a bucket whose listing a test makes up. `ingest` stands
 * for the stage that looks at objects: it registers what it is asked to look at as rejected, which says all there is to
 * compare.
 */
export async function startSyncWorld() {
  const [tableServer, storage, listing] = await Promise.all([
    startTableServer(),
    startStorageServer(),
    startListingServer(),
  ]);
  const { table } = tableServer;
  const clock = { now: 1_700_000_000_000 };
  const now = () => clock.now;
  const ingestQueue = recordedQueue<IngestRequest>();
  const syncQueue = recordedQueue<SyncMessage>();
  const rawSamples = rawSampleStore(table);
  const deps = {
    datasets: datasetStore(table, now),
    datasources: datasourceStore(table),
    datasourceConnections: datasourceConnections({ s3: { ...listing.s3Config, maxAttempts: 1 } }, now),
    states: datasourceStateStore(table),
    rawSamples,
    heldEvents: heldEventStore(table),
    syncs: syncStore(table),
    memory: syncMemory({ objects: objectStore(storage.s3), platformBucket: storage.bucket }),
    ...{ ingestQueue, syncQueue },
    ingestBacklog: async () => 0,
    requests: { isNew: () => true, note: () => {} },
    telemetry: recordedTelemetry(),
    ...{ now, newId: () => newObjectId(clock.now) },
    limits: { youngestObjectMs: 2 * 60_000, saveEveryMs: 5_000, mostBacklog: 1_000 },
  } satisfies SyncDeps;

  const registered = async ({ id }: Dataset): Promise<Map<string, RawSample>> => {
    const names = (await collect(rawSamples.listRange(id, {}))).map(({ fileName }) => fileName);
    return rawSamples.getMany(id, names);
  };
  /** What ingest does with an observation of an object that is there, or is not. */
  const look = async (event: ObjectEvent, isThere: (name: string) => boolean) => {
    const { datasetId = '', bucket, key, eTag = '', size = 0, bornAt = 0, order } = event;
    const seen = order.by === 'observation' ? order.seen : undefined;
    const state = event.kind === 'created' && isThere(key) ? 'rejected' : 'deleted';
    if (state === 'deleted' && !seen) return;
    const base = {
      ...{ datasetId, fileName: key, bucket, key, size, lastModified: bornAt, registeredAt: clock.now },
      ...{ sequencer: seen?.sequencer ?? '', eTag: state === 'deleted' ? (seen?.eTag ?? '') : eTag },
      ...{ pending: state === 'rejected' },
    };
    await rawSamples.write(state === 'deleted' ? { ...base, state } : { ...base, ...REJECTED }, order);
  };
  return {
    ...{ deps, clock, table, storage, listing, ingestQueue, syncQueue, registered, rawSamples },
    newDataset: async (input: object = {}, fullPath = `s3://${INPUT}`): Promise<Dataset> => {
      const name = `sync-${randomUUID()}`;
      const buckets = { landing: 'landing', platform: storage.bucket };
      const dataset = await deps.datasets.create(name, (made) => ({
        ...newLandingDataset(made, name, buckets, clock.now),
        settings: datasetSettings.parse({ input: { listRequestsPerSecond: 1_000, ...input } }),
      }));
      await deps.datasources.replace({
        ...{ datasetId: dataset.id, version: 1, lastModifiedAt: clock.now },
        configs: [
          {
            ...{ type: 'S3', purpose: 'INPUT', fullPath },
            ...{ s3Region: 'eu-central-1', s3AccessKeyId: 'AKID', s3SecretAccessKey: 'not-a-secret' },
          },
        ],
      });
      return dataset;
    },
    /** The registry has these, as ingest would have registered them some time ago. */
    know: async ({ id: datasetId }: Dataset, objects: readonly GeneratedObject[]) => {
      const items = objects.map(({ name, eTag, size, lastModified }) =>
        codec.encode(
          {
            ...{ datasetId, fileName: name, bucket: INPUT, key: name, eTag, size, lastModified },
            ...{ sequencer: '01', registeredAt: lastModified, pending: false, ...REJECTED },
          },
          rawSampleKey(datasetId, name),
        ),
      );
      await putItems(table, items);
    },
    /** The bucket has these objects, whatever their order. */
    hold: (objects: readonly GeneratedObject[]) => listing.hold(generatedFrom(objects)),
    compare: (dataset: Dataset, { thorough, ...changes }: Partial<SyncDeps> & { thorough?: boolean } = {}) =>
      syncDataset({ datasetId: dataset.id, work: 'compare', ...(thorough && { thorough }) }, ENOUGH_TIME, {
        ...deps,
        ...changes,
      }),
    /** Lets ingest look at what it was asked to look at. @returns the events */
    ingest: async (isThere: (name: string) => boolean = () => true): Promise<ObjectEvent[]> => {
      const events = ingestQueue.take().map(({ message }) => message.event);
      await pMap(events, (event) => look(event, isThere), { concurrency: 16 });
      return events;
    },
    stop: () => Promise.all([tableServer.stop(), storage.stop(), listing.stop()]),
  };
}
export type SyncWorld = Awaited<ReturnType<typeof startSyncWorld>>;

/** An object that is old enough to be compared. */
export const anObject = (name: string, fields: Partial<GeneratedObject> = {}): GeneratedObject => ({
  ...{ name, eTag: `e-${name}`, size: 10, lastModified: 1_600_000_000_000 },
  ...fields,
});
/** So many of them, in folders. */
export const someObjects = (count: number): GeneratedObject[] =>
  Array.from({ length: count }, (_, index) =>
    anObject(`folder-${index % 7}/image-${String(index).padStart(7, '0')}.jpg`),
  );

/** A memory of requests as the deployed stage has it. */
export const usualRequestMemory = (now: () => number) =>
  requestMemory({ forMs: 60 * 60_000, most: 50_000 }, now);
