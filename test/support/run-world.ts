import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { exportStore } from '#aws/export-store';
import { objectStore } from '#aws/s3-objects';
import { messageSender } from '#aws/sqs-sender';
import { readUrlSigner } from '#aws/url-signers';
import type { BucketPrefix, Dataset, RawSample, ScheduledRun } from '#contracts/items';
import {
  archiveMessage,
  completionMessage,
  exportMessage,
  type RunMessage,
  runMessage,
  shardMessage,
} from '#contracts/messages';
import type { Telemetry } from '#contracts/telemetry';
import { thumbnailJpeg } from '#imaging/thumbnail-jpeg';
import { publicTokens } from '#platform/access/public-tokens';
import { newLandingDataset } from '#platform/datasets/datasets';
import type { WritableObjectStore } from '#platform/objects/objects';
import type { StoreServers } from '#stores/store-connections';
import { givenSources } from '../../functions/run/given-sources.ts';
import { runStores } from '../../functions/run/stores.ts';
import type { StorageServer, TableServer } from './aws-servers.ts';
import { startStorageServer, startTableServer } from './aws-servers.ts';
import { newId, someFacts, someRawSample } from './documents.ts';
import { modelsIn } from './registered-models.ts';

const START = Date.UTC(2026, 0, 2, 3, 4, 5);

/** Everything the stages after ingest need, on real servers, with a clock and a heartbeat that the test moves. */
export async function startRunWorld(datasourceServers: StoreServers = {}) {
  const [tableServer, storage] = await Promise.all([startTableServer(), startStorageServer()]);
  const objects = objectStore(storage.s3);
  const { table } = tableServer;
  const { bucket } = storage;
  const clock = { at: START };
  // It ticks with every look, so that what should not depend on the moment is seen to do so if it does.
  const now = (): number => {
    clock.at += 1;
    return clock.at;
  };
  const telemetry: Telemetry = { log: () => undefined, count: () => undefined };
  const stores = { ...runStores(table, objects, bucket, now), exports: exportStore(table) };
  const given = givenSources(
    { ...stores, table, objects, platformBucket: bucket },
    { s3: storage.s3Config, ...datasourceServers },
  );
  return {
    ...stores,
    ...given,
    images: given.datasetImages,
    s3: storage.s3,
    ...(await startQueues(storage)),
    ...heartbeats(),
    objects,
    models: modelsIn(bucket, objects),
    jpegOf: thumbnailJpeg,
    signer: readUrlSigner(storage.s3),
    publicTokens: publicTokens(async () => 'public-key-of-a-test-that-is-long-enough', now),
    apiUrl: 'https://api.example.com',
    telemetry,
    platformBucket: bucket,
    exportsBucket: bucket,
    archiveBucket: bucket,
    leaseSeconds: 45,
    maxAttempts: 1_000,
    mostCandidates: 1_000_000,
    pause: (ms: number) => setTimeout(ms / 100),
    load: () => ({ cpu: 50, mem: 25 }),
    clock,
    now,
    stop: () => stopServers(tableServer, storage),
  };
}
export type RunWorld = Awaited<ReturnType<typeof startRunWorld>>;

/** `beat` lets every heartbeat that is going beat once. */
function heartbeats() {
  const going = new Set<() => void>();
  return {
    repeat: (work: () => void) => {
      going.add(work);
      return () => {
        going.delete(work);
      };
    },
    beat: () => {
      for (const work of going) work();
    },
  };
}

async function startQueues(storage: StorageServer) {
  const urls = {
    runQueue: await storage.createQueue(),
    shardQueue: await storage.createQueue(),
    completionQueue: await storage.createQueue(),
    exportQueue: await storage.createQueue(),
    archiveQueue: await storage.createQueue(),
  };
  const queues = {
    runQueue: messageSender(urls.runQueue, runMessage, storage.sqs),
    shardQueue: messageSender(urls.shardQueue, shardMessage, storage.sqs),
    completionQueue: messageSender(urls.completionQueue, completionMessage, storage.sqs),
    exportQueue: messageSender(urls.exportQueue, exportMessage, storage.sqs),
    archiveQueue: messageSender(urls.archiveQueue, archiveMessage, storage.sqs),
  };
  /** Takes all messages off a queue. */
  const received = async <T>(queue: keyof typeof urls): Promise<T[]> => {
    const QueueUrl = urls[queue];
    const messages: T[] = [];
    for (;;) {
      const { Messages = [] } = await storage.sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
      );
      if (Messages.length === 0) return messages;
      for (const { Body, ReceiptHandle } of Messages) {
        messages.push(JSON.parse(Body ?? '') as T);
        await storage.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
  };
  return { ...queues, received };
}

async function stopServers(tableServer: TableServer, storage: StorageServer): Promise<void> {
  await Promise.all([tableServer.stop(), storage.stop()]);
}

/** A dataset of its own for each test. */
export async function newDataset(world: RunWorld): Promise<Dataset> {
  const buckets = { landing: world.platformBucket, platform: world.platformBucket };
  const name = `shop-${newId()}`;
  return world.datasets.ensure(name, (id) => newLandingDataset(id, name, buckets, world.clock.at));
}

let sequence = 0;
/** An event that is newer than all before it. */
function nextEvent(): { by: 'sequencer'; sequencer: string } {
  sequence += 1;
  return { by: 'sequencer', sequencer: sequence.toString(16).padStart(32, '0') };
}

/** Registers an image; the same `content` means the same bytes. */
export async function addImage(
  world: RunWorld,
  { id: datasetId, landingFolder }: Dataset,
  fileName: string,
  content: number,
  fields: object = {},
): Promise<void> {
  const order = nextEvent();
  const registeredAt = world.now();
  const rawSample = someRawSample({ datasetId, fileName, registeredAt, facts: someFacts(content) });
  await world.rawSamples.write(
    {
      ...rawSample,
      ...placeIn(landingFolder, fileName),
      sequencer: order.sequencer,
      eTag: `e${content}`,
      ...fields,
    },
    order,
  );
}

const placeIn = ({ bucket, prefix }: BucketPrefix, fileName: string) => ({ bucket, key: prefix + fileName });

/** Registers a file that ingest refused. */
export async function addRefused(
  world: RunWorld,
  { id: datasetId }: Dataset,
  fileName: string,
  rejection: { readonly code: 'CORRUPT' | 'UNSUPPORTED_FORMAT'; readonly reason: string },
): Promise<void> {
  const order = nextEvent();
  const {
    facts: _,
    thumbName: __,
    ...base
  } = someRawSample({ datasetId, fileName, registeredAt: world.now() });
  const refused: RawSample = { ...base, sequencer: order.sequencer, state: 'rejected', rejection };
  await world.rawSamples.write(refused, order);
}

type Config = { readonly docker?: object; readonly lightly?: object; readonly selection?: object };

const TWO_BY_DIVERSITY = {
  nSamples: 2,
  strategies: [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }],
};

/** Schedules a run of the dataset: two samples by diversity with the datapool, unless told otherwise. */
export async function scheduleRun(
  world: RunWorld,
  { id: datasetId, userId }: Dataset,
  { docker, lightly, selection = TWO_BY_DIVERSITY }: Config = {},
  fields: Partial<ScheduledRun> = {},
): Promise<RunMessage> {
  const scheduledId = newId();
  const at = world.now();
  const wholeDocker = { useDatapool: true, corruptnessCheck: { corruptionThreshold: 1 }, ...docker };
  await world.workerConfigs.create({
    ...{ id: scheduledId, userId, datasetId, version: 'V4', createdAt: at },
    document: JSON.stringify({ workerType: 'FULL', docker: wholeDocker, lightly, selection }),
  });
  const timeless = {
    userId,
    datasetId,
    configId: scheduledId,
    priority: 'MID' as const,
    runsOn: [],
    state: 'OPEN' as const,
  };
  await world.scheduledRuns.create({
    id: scheduledId,
    ...timeless,
    createdAt: at,
    lastModifiedAt: at,
    ...fields,
  });
  return { datasetId, scheduledId };
}

/** All objects under a prefix by key. */
export async function objectsUnder(
  objects: WritableObjectStore,
  bucket: string,
  prefix: string,
): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for await (const { key } of objects.list(bucket, prefix)) {
    const opened = await objects.open({ bucket, key });
    if (opened) found.set(key, await buffer(opened.body));
  }
  return found;
}
