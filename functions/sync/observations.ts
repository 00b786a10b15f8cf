import pMap from 'p-map';
import { ingestRequestOf, type ObjectEvent } from '#contracts/object-event';
import type { ReadableDatasource } from '#platform/datasources/datasource-objects';
import type { KnownObject } from '#platform/samples/raw-samples';
import { type Difference, isRegisteredIn } from '#platform/syncs/differences';
import type { JudgedFile } from '#platform/syncs/name-chunks';
import type { SyncDeps } from './sync-deps.ts';
import type { Requested } from './sync-tally.ts';
import type { SyncWork } from './sync-work.ts';

/** Objects that are asked for at a time. */
const CONCURRENT_HEADS = 16;

export const NOTHING_REQUESTED: Requested = { missed: 0, missedInArchive: 0, changed: 0, gone: 0 };

/**
 * Has ingest look at what is not as the registry has it. A listing may lag behind the bucket, so what it lacks is asked
 * for by its name before it counts as gone; of a place where the dataset's images are no more, nothing is asked. Nor is of what
 * gave way to an object that is no image: ingest looks.
 */
export async function requestDifferences(
  differences: readonly Difference[],
  objects: ReadableDatasource,
  work: SyncWork,
  deps: SyncDeps,
): Promise<Requested> {
  const { place } = work.datasource;
  const gone = await pMap(
    differences.flatMap((difference) => (difference.kind === 'absent' ? [difference.known] : [])),
    async (known) => (isRegisteredIn(known, place) && (await objects.head(known.fileName)) ? [] : [known]),
    { concurrency: CONCURRENT_HEADS },
  );
  const replaced = differences.flatMap((difference) =>
    difference.kind === 'replaced' ? [difference.known] : [],
  );
  const removed = newAmong(
    [...gone.flat(), ...replaced].map((known) => ({ event: removedEvent(known, work, deps), known })),
    deps,
  );
  const listed = await requestListed(differences, work, deps);
  await request(removed, deps);
  return { ...listed, gone: removed.length };
}

/** Of differences, those that are about an object which is there. */
export async function requestListed(
  differences: readonly Difference[],
  work: SyncWork,
  deps: SyncDeps,
): Promise<Requested> {
  const of = (kind: 'missed' | 'changed') =>
    differences.flatMap((difference) =>
      difference.kind === kind
        ? [
            {
              event: createdEvent(difference.file, difference.known, work, deps),
              known: difference.known,
              isInArchive: difference.file.isArchived === true,
            },
          ]
        : [],
    );
  const missed = newAmong(of('missed'), deps);
  const changed = newAmong(of('changed'), deps);
  await request([...missed, ...changed], deps);
  const missedInArchive = missed.filter(({ isInArchive }) => isInArchive).length;
  return { missed: missed.length, missedInArchive, changed: changed.length, gone: 0 };
}

/** An event, and what the registry had under its name. */
interface Observed {
  readonly event: ObjectEvent;
  readonly known: KnownObject | undefined;
}

/** What the registry has come to since is looked at anew: an object may go and come back as it was. */
const requestOf = ({ event, known }: Observed): readonly [key: string, eTag: string] => {
  const { datasetId, bucket, key, kind, eTag = '' } = event;
  return [`${datasetId} ${kind} ${known?.registeredAt ?? 'unknown'} ${bucket} ${key}`, eTag];
};

const newAmong = <T extends Observed>(observed: readonly T[], { requests }: SyncDeps): T[] =>
  observed.filter((one) => requests.isNew(...requestOf(one)));

/** What could not be sent is new still. */
async function request(observed: readonly Observed[], deps: SyncDeps): Promise<void> {
  await send(
    observed.map(({ event }) => event),
    deps,
  );
  for (const one of observed) deps.requests.note(...requestOf(one));
}

/** Has ingest look at objects once more, whatever the registry has. */
export async function requestAgain(
  files: readonly JudgedFile[],
  work: SyncWork,
  deps: SyncDeps,
): Promise<Requested> {
  const since = work.begun.startedAt;
  await send(
    files.map((file) => ({
      ...objectEvent(file, work),
      order: { by: 'observation', again: true, since },
    })),
    deps,
  );
  return { ...NOTHING_REQUESTED, changed: files.length };
}

const send = async (events: readonly ObjectEvent[], { ingestQueue }: SyncDeps): Promise<void> => {
  if (events.length > 0) await ingestQueue.sendAll(events.map(ingestRequestOf));
};

const objectEvent = (
  { name, eTag, size, lastModified, isArchived }: JudgedFile,
  { dataset, datasource }: SyncWork,
) => ({
  ...{ kind: 'created' as const, datasetId: dataset.id },
  ...{ bucket: datasource.place.bucket, key: datasource.place.prefix + name },
  ...{ eTag, size, bornAt: lastModified, ...(isArchived && { archive: 'entered' as const }) },
});

const createdEvent = (
  file: JudgedFile,
  known: KnownObject | undefined,
  work: SyncWork,
  deps: SyncDeps,
): ObjectEvent => ({ ...objectEvent(file, work), order: orderOf(known, work, deps) });

/** By its name: where the registry has it may be another place than the one where it is missing. */
const removedEvent = (known: KnownObject, work: SyncWork, deps: SyncDeps): ObjectEvent => {
  const { bucket, prefix } = work.datasource.place;
  return {
    ...{ kind: 'removed', datasetId: work.dataset.id, bucket, key: prefix + known.fileName },
    order: orderOf(known, work, deps),
  };
};

function orderOf(
  known: KnownObject | undefined,
  { begun }: SyncWork,
  { now }: SyncDeps,
): ObjectEvent['order'] {
  return {
    by: 'observation',
    ...(known && { seen: { sequencer: known.sequencer, eTag: known.eTag } }),
    ...(begun.firstFinishedAt !== undefined && { at: now() }),
  };
}
