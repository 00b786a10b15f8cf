import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DatasourceConfig } from '#contracts/datasources';
import type { RawSample } from '#contracts/items';
import { DEFAULT_SETTINGS } from '#contracts/settings';
import type { DatasetSync } from '#contracts/syncs';
import type { ReadableDatasource } from '#platform/datasources/datasource-objects';
import { listFiles } from '#platform/datasources/listing/list-files';
import { LISTED_SAMPLES, relevantAmong } from '#platform/datasources/listing/listed-files';
import { newAtOfFiles, newAtOfRegistration } from '#platform/datasources/listing/new-at';
import { byUtf8Bytes } from '#platform/datasources/name-order';
import { placeDigestOf } from '#platform/syncs/place-digest';
import { newId, someRawSample } from '../support/documents.ts';
import { datasourceWith } from '../support/stores/opened-stores.ts';

const CONFIG: DatasourceConfig = {
  ...{ type: 'S3', purpose: 'INPUT', fullPath: 's3://some-images/in', s3Region: 'eu-central-1' },
  ...{ s3AccessKeyId: 'AKIDEXAMPLE', s3SecretAccessKey: 'not-a-secret' },
};
const DATASOURCE = datasourceWith(CONFIG);
const DATASET = { id: newId(), settings: DEFAULT_SETTINGS };
/** When the datasource was connected: its first compare begins. */
const CONNECTED_AT = 1_700_000_000_000;

interface StoredObject {
  readonly eTag: string;
  readonly lastModified: number;
  readonly order: number;
}
interface WaitingEvent extends StoredObject {
  readonly name: string;
  readonly kind: 'created' | 'removed';
  readonly bornAt: number;
}

/** What happens at one moment, and how long (ms) after the last one. */
type Step = { readonly after: number } & (
  | { readonly do: 'put'; readonly name: string; readonly age: number }
  | { readonly do: 'remove'; readonly name: string }
  | { readonly do: 'register'; readonly event: number }
  | { readonly do: 'list' }
);

/** A bucket, its registry, and a program that reads what is new as clients of the protocol do. */
function world() {
  const bucket = new Map<string, StoredObject>();
  const registry = new Map<string, RawSample & { readonly order: number }>();
  const events: WaitingEvent[] = [];
  const received: string[] = [];
  let [now, order, processedUntil] = [CONNECTED_AT - 60_000, 0, 0];
  const sync = { placeDigest: placeDigestOf(DATASOURCE), firstStartedAt: CONNECTED_AT } as DatasetSync;

  const put = (name: string, age: number): void => {
    order += 1;
    // S3 tells seconds. What is older than the connection arrives before, or after somebody has begun to read what is new.
    const oldest = now >= CONNECTED_AT && processedUntil === 0 ? CONNECTED_AT : 0;
    const lastModified = Math.floor(Math.max(oldest, now - age) / 1000) * 1000;
    const object = { eTag: `e${order}`, lastModified, order };
    bucket.set(name, object);
    events.push({ ...object, name, kind: 'created', bornAt: now });
  };
  const remove = (name: string): void => {
    order += 1;
    if (!bucket.delete(name)) return;
    events.push({ eTag: '', lastModified: now, order, name, kind: 'removed', bornAt: now });
  };
  /** As ingest does: an event that is history, or whose object is another one by now, changes nothing. */
  const register = (at: number): void => {
    const [event] = events.splice(at % Math.max(1, events.length), 1);
    if (!event) return;
    const { name, eTag, lastModified, bornAt } = event;
    const stored = registry.get(name);
    if (stored && stored.order >= event.order) return;
    const base = { datasetId: DATASET.id, fileName: name, bucket: 'some-images', key: `in/${name}` };
    if (event.kind === 'removed') {
      const { newAt: _, ...gone } = someRawSample({ ...base, registeredAt: now });
      registry.set(name, { ...gone, state: 'deleted', order: event.order } as never);
      return;
    }
    if (bucket.get(name)?.eTag !== eTag) return;
    const read = { eTag, size: 1, lastModified, registeredAt: now };
    const arrival = {
      stored,
      ...base,
      order: { by: 'sequencer', sequencer: `${event.order}` },
      bornAt,
    } as const;
    const newAt = newAtOfRegistration(read, arrival, sync);
    const known = someRawSample({ ...base, ...read });
    registry.set(name, { ...known, ...(newAt !== undefined && { newAt }), order: event.order });
  };

  /** @param meanwhile happens between any two requests of a listing */
  const list = async (meanwhile: () => void): Promise<void> => {
    const from = processedUntil === 0 ? 0 : processedUntil + 1;
    const to = Math.floor(now / 1000);
    const objects: Pick<ReadableDatasource, 'list'> = {
      list: async ({ after }) => {
        meanwhile();
        const names = [...bucket.keys()]
          .sort(byUtf8Bytes)
          .filter((name) => after === undefined || name > after);
        const files = names.slice(0, 2).map((name) => ({ name, size: 1, ...bucket.get(name)! }));
        for (const { name, eTag } of files) seen.set(name, eTag);
        return { files, isLast: names.length <= 2 };
      },
    };
    const rawSamples = {
      getMany: async (_: string, names: readonly string[]) => {
        meanwhile();
        return new Map(names.flatMap((name) => (registry.has(name) ? [[name, registry.get(name)!]] : [])));
      },
    };
    const seen = new Map<string, string>();
    const deps = { rawSamples, syncs: { get: async () => sync }, now: () => now };
    const newAt = await newAtOfFiles(DATASET, DATASOURCE, deps);
    const scope = { listed: LISTED_SAMPLES, relevant: relevantAmong(LISTED_SAMPLES, undefined), from, to };
    let after: string | undefined;
    do {
      const page = await listFiles(objects as ReadableDatasource, { ...scope, newAt }, { after }, () => 0);
      received.push(...page.names.map((name) => `${name} ${seen.get(name)}`));
      after = page.next;
    } while (after !== undefined);
    processedUntil = to;
  };

  const take = async (step: Step | undefined, meanwhile: () => void): Promise<void> => {
    if (!step) return;
    now += step.after;
    if (step.do === 'put') put(step.name, step.age);
    else if (step.do === 'remove') remove(step.name);
    else if (step.do === 'register') register(step.event);
    else await list(meanwhile);
  };
  return {
    received,
    take,
    connect: () => {
      now = Math.max(now, CONNECTED_AT) + 1;
    },
    /** Everything is registered, and read some seconds later. */
    settle: async () => {
      while (events.length > 0) register(0);
      now += 20_000;
      await list(() => undefined);
      return [...bucket].map(([name, { eTag }]) => `${name} ${eTag}`);
    },
  };
}

const name = fc.constantFrom('a.png', 'b.png', 'c.png', 'd.png', 'e.png');
const after = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 3_000 }),
  fc.integer({ min: 0, max: 20_000 }),
);
const age = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 200_000 }));
const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ after, do: fc.constant('put' as const), name, age }) },
  { weight: 1, arbitrary: fc.record({ after, do: fc.constant('remove' as const), name }) },
  { weight: 4, arbitrary: fc.record({ after, do: fc.constant('register' as const), event: fc.nat(5) }) },
);
const listing = fc.record({ after, do: fc.constant('list' as const) });

describe('a program that reads what is new, range after range', () => {
  test('gets every image once, whenever and in whatever order images come, change and are registered', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 8 }),
        fc.array(fc.oneof({ weight: 3, arbitrary: change }, { weight: 1, arbitrary: listing }), {
          maxLength: 40,
        }),
        async (before, steps) => {
          const { take, connect, settle, received } = world();
          for (const step of before) await take({ ...step, after: 0 }, () => undefined);
          connect();
          const waiting = [...steps];
          /** Of what comes next, whatever is no listing may happen while one is under way. */
          const meanwhile = () => {
            if (waiting[0] && waiting[0].do !== 'list') void take(waiting.shift(), () => undefined);
          };
          while (waiting.length > 0) await take(waiting.shift(), meanwhile);
          const there = await settle();
          expect(there.filter((image) => !received.includes(image))).toEqual([]);
          expect(received.toSorted()).toEqual([...new Set(received)].sort());
        },
      ),
      { numRuns: 3_000 },
    );
  }, 60_000);
});
