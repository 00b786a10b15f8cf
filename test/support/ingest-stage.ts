import { randomUUID } from 'node:crypto';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { datasetStore } from '#aws/dataset-store';
import type { DatasourceServers } from '#aws/datasource-connections';
import { datasourceStateStore } from '#aws/datasource-state-store';
import { datasourceStore } from '#aws/datasource-store';
import { heldEventStore } from '#aws/held-event-store';
import { inputBucketStore } from '#aws/input-bucket-store';
import { intakeStore } from '#aws/intake-store';
import { rawSampleStore } from '#aws/raw-sample-store';
import { objectStore } from '#aws/s3-objects';
import { sampleAvailability } from '#aws/sample-availability';
import { messageSender } from '#aws/sqs-sender';
import { syncStore } from '#aws/sync-store';
import { modelNameOf } from '#contracts/embedding-models';
import { scheduleCheckMessage } from '#contracts/messages';
import { ingestRequest } from '#contracts/object-event';
import { newObjectId } from '#contracts/schema';
import { datasetSettings } from '#contracts/settings';
import { analyseImage } from '#imaging/analyse-image';
import { datasetImages } from '#platform/datasources/dataset-images';
import type { DatasourceConnections } from '#platform/datasources/datasource-objects';
import { isConfigured } from '#platform/datasources/datasources';
import { keptForSeconds } from '#platform/kept-for-seconds';
import { storeConnections } from '#stores/store-connections';
import { datasetCache } from '../../functions/ingest/dataset-cache.ts';
import { datasourceWatch } from '../../functions/ingest/datasource-watch.ts';
import { ingestBatch } from '../../functions/ingest/ingest-batch.ts';
import type { IngestDeps } from '../../functions/ingest/ingest-deps.ts';
import { inputDatasets } from '../../functions/ingest/input-datasets.ts';
import { startStorageServer, startTableServer } from './aws-servers.ts';
import { FIRST_DELIVERY } from './lambda-invocation.ts';
import { landing, messageOf, type ObjectEventRecord } from './landing.ts';
import { takeMessages } from './queue-contents.ts';
import { recordedTelemetry } from './recorded-telemetry.ts';
import { modelsIn } from './registered-models.ts';

/** Delivers one message in a batch of its own. */
export async function deliverBody(
  body: string,
  deps: IngestDeps,
  { redelivered }: { readonly redelivered: boolean },
): Promise<void> {
  const { consume, finish } = ingestBatch(deps);
  const message = { messageId: 'message', receiveCount: redelivered ? 2 : 1, remainingTimeMs: () => 60_000 };
  await consume(body, message);
  await finish();
}

export interface IngestStageOptions {
  /** Where buckets are that somebody configures. @default those of the stage */
  readonly datasourceServers?: DatasourceServers;
}

/** Winnow's own buckets are on one server, those of its users may be on another. */
function connectionsTo(own: DatasourceServers, { datasourceServers }: IngestStageOptions, now: () => number) {
  const ownConnections = storeConnections(own, now);
  const others = datasourceServers ? storeConnections(datasourceServers, now) : ownConnections;
  const open: DatasourceConnections['open'] = (datasource: Parameters<DatasourceConnections['open']>[0]) =>
    (isConfigured(datasource) ? others : ownConnections).open(datasource) as never;
  return { open };
}

/** The ingest stage on servers of its own, with a clock that stands still until a test moves it. */
export async function startIngestStage(options: IngestStageOptions = {}) {
  const tableServer = await startTableServer();
  const storage = await startStorageServer();
  const { s3, sqs } = storage;
  const { table } = tableServer;
  const platformBucket = `platform-${randomUUID()}`;
  await s3.send(new CreateBucketCommand({ Bucket: platformBucket }));
  const buckets = { landing: storage.bucket, platform: platformBucket };
  const [scheduleQueueUrl, ingestQueueUrl] = [await storage.createQueue(), await storage.createQueue()];
  const clock = { now: 1_700_000_000_000 };
  const now = () => clock.now;
  const objects = objectStore(s3);
  const datasets = datasetStore(table, now);
  const findModel = modelsIn(platformBucket, objects);
  const telemetry = recordedTelemetry();
  const stores = {
    inputBuckets: inputBucketStore(table),
    datasources: datasourceStore(table),
    states: datasourceStateStore(table),
    heldEvents: heldEventStore(table),
    syncs: syncStore(table),
    availability: sampleAvailability(table),
  };
  const connections = connectionsTo({ s3: storage.s3Config }, options, now);
  const ingestQueue = messageSender(ingestQueueUrl, ingestRequest, sqs);
  const sent = { passedOn: 0 };
  const deps = {
    datasets,
    ensureDataset: datasetCache(datasets, buckets, now),
    inputDatasets: inputDatasets({ datasets, inputBuckets: stores.inputBuckets }, now),
    rawSamples: rawSampleStore(table),
    sampleAvailability: stores.availability,
    heldEvents: stores.heldEvents,
    intake: intakeStore(table),
    images: datasetImages({ datasources: stores.datasources, datasourceConnections: connections, now }),
    datasourceConnections: connections,
    datasourceWatch: datasourceWatch(stores.states, now),
    syncOf: keptForSeconds(stores.syncs.get, now),
    scheduleQueue: messageSender(scheduleQueueUrl, scheduleCheckMessage, sqs),
    ingestQueue: {
      sendAll: async (requests) => {
        sent.passedOn += requests.length;
        await ingestQueue.sendAll(requests);
      },
    },
    analyse: async (bytes, settings) =>
      analyseImage(bytes, settings, await findModel(modelNameOf(settings.embeddingModel))),
    telemetry,
    now,
    newId: () => newObjectId(clock.now),
    buckets,
  } satisfies IngestDeps;
  /** Delivers each record in a message of its own, one after the other, and then what ingest has made of it for several. */
  const deliverWith = async (others: IngestDeps, ...records: ObjectEventRecord[]) => {
    const before = sent.passedOn;
    for (const record of records) await deliverBody(messageOf(record), others, FIRST_DELIVERY);
    if (sent.passedOn === before) return;
    for (const request of await takeMessages(sqs, ingestQueueUrl)) {
      await deliverBody(JSON.stringify(request), others, FIRST_DELIVERY);
    }
  };
  return {
    ...{ deps, clock, telemetry, buckets, table, storage, datasets, objects, stores },
    landing: landing(s3, buckets.landing),
    deliver: (...records: ObjectEventRecord[]) => deliverWith(deps, ...records),
    deliverWith,
    configure: async (name: string, document: unknown) => {
      const { id, settingsVersion } = (await deps.ensureDataset(name))!;
      await datasets.replaceSettings(id, datasetSettings.parse(document), settingsVersion);
      // Settings that were read a moment ago stay in use for some seconds.
      clock.now += 5_000;
    },
    rawSample: async (datasetName: string, fileName: string) => {
      const dataset = await datasets.findByName(datasetName);
      return dataset && deps.rawSamples.get(dataset.id, fileName);
    },
    keysIn: async (bucket: string) => {
      const keys: string[] = [];
      for await (const { key } of objects.list(bucket, '')) keys.push(key);
      return keys;
    },
    scheduleChecks: () => takeMessages(sqs, scheduleQueueUrl),
    /** What ingest has sent to its own queue. */
    passedOn: () => takeMessages(sqs, ingestQueueUrl),
    stop: () => Promise.all([tableServer.stop(), storage.stop()]),
  };
}
export type IngestStage = Awaited<ReturnType<typeof startIngestStage>>;
