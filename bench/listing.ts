import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { datasourceConnections } from '#aws/datasource-connections';
import { datasetSettings } from '#contracts/settings';
import type { DatasetSync } from '#contracts/syncs';
import { newLandingDataset } from '#platform/datasets/datasets';
import { type SyncMemory, syncMemory } from '#platform/syncs/sync-memory';
import { syncDataset } from '../functions/sync/sync-dataset.ts';
import type { SyncDeps } from '../functions/sync/sync-deps.ts';
import { newId } from '../test/support/documents.ts';
import { type GeneratedObjects, startListingServer } from '../test/support/listing-server.ts';
import { registryInMemory } from './registry-in-memory.ts';

/** So many names in a hundred folders, each made when it is asked for. */
const generated = (count: number): GeneratedObjects => ({
  count,
  at: (index) => ({
    name: `camera-${String(Math.floor((index * 100) / count)).padStart(2, '0')}/frame-${String(index).padStart(9, '0')}.jpg`,
    ...{ eTag: `${index.toString(16).padStart(32, '0')}`, size: 1_000_000 + index },
    lastModified: 1_600_000_000_000 + index * 1000,
  }),
});

/** What one pass over a bucket took. */
export interface ListingPass {
  readonly seconds: number;
  /** Listing requests, those that find out how to divide it among them. */
  readonly requests: number;
  /** Requests for the registry, and what of it was read. */
  readonly ranges: number;
  readonly items: number;
  /** Messages for ingest. */
  readonly messages: number;
  /** MiB more than before the pass, at most. */
  readonly memoryGrowth: number;
}

/**
 * Compares a bucket of so many objects, on a real client and real listings: first with an empty registry, then with one
 * that knows them all, then once more.
 */
async function listingPasses(count: number): Promise<ListingPass[]> {
  const listing = await startListingServer();
  const objects = generated(count);
  listing.hold(objects);
  const registry = registryInMemory(objects, 'input');
  const counted = { messages: 0 };
  const { deps, datasetId } = depsOver(listing.s3Config, registry, counted);
  const passes: ListingPass[] = [];
  for (let pass = 0; pass < 3; pass++) {
    const before = { ...listing.requests, ...registry.asked, ...counted };
    const memory = watchMemory();
    const start = performance.now();
    await syncDataset({ datasetId, work: 'compare' }, () => false, deps);
    const seconds = (performance.now() - start) / 1000;
    passes.push({
      ...{ seconds, memoryGrowth: memory.stop(), requests: listing.requests.list - before.list },
      ...{ ranges: registry.asked.ranges - before.ranges, items: registry.asked.items - before.items },
      messages: counted.messages - before.messages,
    });
    registry.fill();
  }
  await listing.stop();
  return passes;
}

const MIB = 2 ** 20;
const SAMPLE_EVERY_MS = 50;

function watchMemory() {
  const begin = process.memoryUsage.rss();
  let peak = begin;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, SAMPLE_EVERY_MS);
  return {
    stop: (): number => {
      clearInterval(timer);
      return (peak - begin) / MIB;
    },
  };
}

/** What a compare that goes well has nothing to do with, or has nothing to wait for. */
const NOT_ASKED = {
  states: {
    get: async () => undefined,
    noteProblem: async () => true,
    claimRelease: async () => true,
    endRelease: async () => {},
  },
  heldEvents: { list: async function* () {}, release: async () => {} },
  syncQueue: { send: async () => {} },
  ingestBacklog: async () => 0,
  requests: { isNew: () => true, note: () => {} },
  telemetry: { log: () => {}, count: () => {} },
  now: Date.now,
  newId,
  limits: { youngestObjectMs: 0, saveEveryMs: 5_000, mostBacklog: 1 },
} satisfies Partial<SyncDeps>;

/** What a sync keeps is kept in memory; what it sends is counted and forgotten. */
function depsOver(
  s3: NonNullable<Parameters<typeof datasourceConnections>[0]>['s3'],
  registry: ReturnType<typeof registryInMemory>,
  counted: { messages: number },
): { readonly deps: SyncDeps; readonly datasetId: string } {
  const datasetId = newId();
  const dataset = {
    ...newLandingDataset(datasetId, 'listing', { landing: 'landing', platform: 'platform' }, 1),
    settings: datasetSettings.parse({ input: { listRequestsPerSecond: 1_000 } }),
  };
  const key = { s3Region: 'eu-central-1', s3AccessKeyId: 'AKID', s3SecretAccessKey: 'not-a-secret' };
  const configs = [{ type: 'S3', purpose: 'INPUT', fullPath: 's3://input', ...key }] as const;
  let stored: DatasetSync | undefined;
  return {
    datasetId,
    deps: {
      datasets: { get: async () => dataset },
      datasources: { get: async () => ({ datasetId, version: 1, configs: [...configs], lastModifiedAt: 1 }) },
      datasourceConnections: datasourceConnections(s3 ? { s3 } : {}),
      ...NOT_ASKED,
      rawSamples: { listRange: registry.listRange, getMany: async () => new Map() },
      syncs: {
        get: async () => stored,
        replace: async (sync) => {
          stored = sync;
          return true;
        },
      },
      memory: memoryOfOneProcess(),
      ingestQueue: {
        send: async () => {},
        sendAll: async (messages) => {
          counted.messages += messages.length;
        },
      },
    },
  };
}

/** Objects of the platform bucket, as they would be there. */
function memoryOfOneProcess(): SyncMemory {
  const kept = new Map<string, Buffer>();
  return syncMemory({
    platformBucket: 'platform',
    objects: {
      open: async ({ key }) => {
        const body = kept.get(key);
        return (
          body && { eTag: '', size: body.length, lastModified: 1, metadata: {}, body: Readable.from([body]) }
        );
      },
      put: async ({ key }, body) => void kept.set(key, Buffer.from(body)),
    },
  });
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { objects: { type: 'string', default: '1000000' } } });
  const passes = await listingPasses(Number(values.objects));
  for (const [index, { seconds, memoryGrowth, ...counts }] of passes.entries()) {
    const what = { seconds: Number(seconds.toFixed(1)), memoryGrowth: Math.round(memoryGrowth), ...counts };
    console.log(`pass ${index + 1}: ${JSON.stringify(what)}`);
  }
}
