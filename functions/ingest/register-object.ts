import { RejectedError } from '#contracts/errors';
import type { ImageFacts } from '#contracts/image-facts';
import type { RawSample, RegisteredRawSample } from '#contracts/items';
import type { ObjectMetadata } from '#contracts/object-metadata';
import type { DescribedFile } from '#platform/datasources/datasource-objects';
import { newAtOfRegistration } from '#platform/datasources/listing/new-at';
import { isDescribed, isInArchive, isSameObject } from '#platform/samples/raw-samples';
import { archivedState } from './archive-states.ts';
import { type Arrival, type IngestResult, sequencerOf } from './arrival.ts';
import type { IngestDeps } from './ingest-deps.ts';
import { putThumbnail } from './put-thumbnail.ts';
import { readBody } from './read-body.ts';
import { readObjectMetadata } from './read-object-metadata.ts';
import { writeState } from './write-state.ts';

/** `state` is what the registry has by now, where this event brought it about. */
export type Registration = IngestResult & { readonly state?: RawSample };

/**
 * Reads the object that the event tells of, and registers it: one download, one decode, the thumbnail, then one
 * conditional write. An object that is gone or another one by now changes nothing; its own events are under way.
 */
export async function registerObject(arrival: Arrival, deps: IngestDeps): Promise<Registration> {
  const read = await readObject(arrival, deps);
  if (!read) return { outcome: 'ImagesSuperseded' };
  if ('rejection' in read && isArchivedAsBefore(read, arrival)) return { outcome: 'ImagesUnchanged' };
  const { written, state } = await writeState(await stateOf(read, arrival, deps), arrival.order, deps);
  if (written === 'superseded' && state.state === 'registered') await restoreThumbnail(arrival, deps);
  if (written !== 'written') return { outcome: OUTCOME_OF_LOST_WRITE[written], awaitsRun: arrival.dataset };
  report(state, deps);
  const awaitsRun = state.state !== 'archived' && { awaitsRun: arrival.dataset };
  return { outcome: OUTCOME_OF_STATE[state.state], ...awaitsRun, state };
}

const OUTCOME_OF_STATE = {
  registered: 'ImagesRegistered',
  rejected: 'ImagesRejected',
  archived: 'ImagesArchived',
} as const;
const OUTCOME_OF_LOST_WRITE = { unchanged: 'ImagesUnchanged', superseded: 'ImagesSuperseded' } as const;

/** An object, and what came of reading it. */
type ReadObject = { readonly object: DescribedFile } & (
  | { readonly rejection: RejectedError }
  | (Analysis & { readonly objectMetadata?: ObjectMetadata | undefined })
);
interface Analysis {
  readonly facts: ImageFacts;
  readonly thumbnail: { readonly bytes: Uint8Array };
}

/** The very version of the event; without versions, the object while it is still the one of the event. */
async function readObject(arrival: Arrival, deps: IngestDeps): Promise<ReadObject | undefined> {
  const { dataset } = arrival;
  let object: DescribedFile | undefined;
  try {
    const opened = await deps.images.open(dataset, arrival);
    if (!opened) return undefined;
    const { body, ...described } = opened;
    object = described;
    const bytes = await bytesWithin(dataset.settings.ingest.maxBytes, described, body);
    const objectMetadata = await readObjectMetadata(described, arrival, deps);
    return { object, objectMetadata, ...(await deps.analyse(bytes, dataset.settings.ingest)) };
  } catch (rejection) {
    if (!(rejection instanceof RejectedError)) throw rejection;
    // What is in an archive can't be opened, but tells what it is.
    object ??= await deps.images.head(dataset, arrival);
    return object && { object, rejection };
  }
}

type Body = NonNullable<Awaited<ReturnType<IngestDeps['images']['open']>>>['body'];

async function bytesWithin(maxBytes: number, { size }: DescribedFile, body: Body): Promise<Uint8Array> {
  if (size <= maxBytes) return readBody(body, size);
  body.destroy();
  throw new RejectedError('TOO_MANY_BYTES', `${size} bytes; at most ${maxBytes} are accepted.`);
}

type RejectedObject = Extract<ReadObject, { readonly rejection: RejectedError }>;

/** Whoever looks again at an object in an archive learns nothing where that was known. */
const isArchivedAsBefore = (read: RejectedObject, arrival: Arrival): boolean =>
  arrival.order.by === 'observation' &&
  isStoredInArchive(read, arrival) &&
  arrival.stored !== undefined &&
  isInArchive(arrival.stored);

/** The object that is stored can't be read for its archive. */
const isStoredInArchive = (
  { object, rejection }: RejectedObject,
  { bucket, key, stored }: Arrival,
): boolean =>
  rejection.code === 'ARCHIVED' && stored !== undefined && isSameObject({ ...object, bucket, key }, stored);

type ReadState = Exclude<RawSample, { state: 'deleted' }>;

/** A state, registered at a time (ms). */
type MakeState<State = ReadState> = (at: number) => State;

/**
 * The new state of the raw sample: registered with its thumbnail stored, rejected with the reason, or archived. What was read
 * before the object moved to an archive is still true.
 */
async function stateOf(read: ReadObject, arrival: Arrival, deps: IngestDeps): Promise<MakeState> {
  if ('rejection' in read) {
    const { stored } = arrival;
    if (stored && isDescribed(stored) && isStoredInArchive(read, arrival)) {
      return (at) => archivedState(stored, arrival, at);
    }
    const { code, message: reason } = read.rejection;
    const newState = await newStates(read, arrival, deps);
    return (at) => ({ ...newState(at), state: 'rejected', rejection: { code, reason } });
  }
  const { facts, thumbnail, objectMetadata } = read;
  const { dataset, fileName } = arrival;
  const placed = await putThumbnail({ dataset, fileName, bytes: thumbnail.bytes }, deps);
  const group = groupOfSameBytes(facts.sha256, arrival);
  const newState = await newStates(read, arrival, deps);
  return (at) => ({
    ...{ ...newState(at), state: 'registered', facts, ...placed },
    ...(objectMetadata && { objectMetadata }),
    ...(group && { group }),
  });
}

/** What every new state tells. */
async function newStates({ object }: ReadObject, arrival: Arrival, { syncOf }: IngestDeps) {
  const { dataset, fileName, bucket, key } = arrival;
  const { eTag, size, lastModified, versionId } = object;
  const sync = await syncOf(dataset.id);
  return (registeredAt: number) => {
    const newAt = newAtOfRegistration({ eTag, lastModified, registeredAt }, arrival, sync);
    return {
      ...{ datasetId: dataset.id, fileName, bucket, key, eTag, size, lastModified, registeredAt },
      ...(versionId !== undefined && { versionId }),
      ...(newAt !== undefined && { newAt }),
      sequencer: sequencerOf(arrival),
      pending: true,
    };
  };
}

/** What it was nearly the same as holds of an image that is described anew, or uploaded again as it was. */
const groupOfSameBytes = (sha256: string, { stored }: Arrival): RegisteredRawSample['group'] =>
  stored && isDescribed(stored) && stored.facts.sha256 === sha256 ? stored.group : undefined;

/**
 * Another process registered a newer object while this one was at work, and this one's thumbnail may have been
 * written after the newer one's: makes the thumbnail of what is registered.
 */
async function restoreThumbnail({ dataset, fileName }: Arrival, deps: IngestDeps): Promise<void> {
  const registered = await deps.rawSamples.get(dataset.id, fileName);
  if (registered?.state !== 'registered') return;
  const opened = await deps.images.open(dataset, registered);
  if (!opened) return;
  const limits = dataset.settings.ingest;
  const bytes = await bytesWithin(limits.maxBytes, opened, opened.body);
  const { thumbnail } = await deps.analyse(bytes, limits);
  await putThumbnail({ dataset, fileName, bytes: thumbnail.bytes }, deps);
}

function report(state: RawSample, { telemetry }: IngestDeps): void {
  const { datasetId, fileName, versionId } = state;
  const ids = { datasetId, fileName, ...(versionId !== undefined && { versionId }) };
  if (state.state === 'rejected') telemetry.log('info', 'Image rejected', { ...ids, ...state.rejection });
  else telemetry.log('debug', `Image ${state.state}`, ids);
}
