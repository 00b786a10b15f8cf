import { RejectedError } from '#contracts/errors';
import type { RawSample } from '#contracts/items';
import type { ObjectDescription, ObjectStore } from '#platform/objects/objects';
import { type Arrival, type IngestResult, sequencerOf } from './arrival.ts';
import type { IngestDeps } from './ingest-deps.ts';
import { putThumbnail } from './put-thumbnail.ts';
import { readBody } from './read-body.ts';

type OpenedObject = NonNullable<Awaited<ReturnType<ObjectStore['open']>>>;

/**
 * Reads the object that the event tells of, and registers it: one download, one decode, the thumbnail, then one
 * conditional write. An object that is gone or another one by now changes nothing; its own events are under way.
 */
export async function registerObject(arrival: Arrival, deps: IngestDeps): Promise<IngestResult> {
  const object = await openObject(arrival, deps);
  if (!object) return { outcome: 'ImagesSuperseded' };
  const state = await examine(object, arrival, deps);
  const written = await deps.rawSamples.write(state, arrival.order);
  if (written === 'superseded' && state.state === 'registered') await restoreThumbnail(arrival, deps);
  if (written !== 'written') return { outcome: OUTCOME_OF_LOST_WRITE[written], awaitsRun: arrival.dataset };
  report(state, deps);
  return {
    outcome: state.state === 'registered' ? 'ImagesRegistered' : 'ImagesRejected',
    awaitsRun: arrival.dataset,
  };
}

const OUTCOME_OF_LOST_WRITE = { unchanged: 'ImagesUnchanged', superseded: 'ImagesSuperseded' } as const;

/** The very version of the event; without versions, the object while it is still the one of the event. */
function openObject({ bucket, key, versionId, eTag }: Arrival, deps: IngestDeps) {
  if (versionId !== undefined) return deps.landing.open({ bucket, key, versionId });
  return deps.landing.open({ bucket, key }, eTag === undefined ? {} : { eTag });
}

/** The new state of the raw sample: registered with its thumbnail stored, or rejected with the reason. */
async function examine(object: OpenedObject, arrival: Arrival, deps: IngestDeps): Promise<RawSample> {
  const { dataset, fileName, bucket, key, order } = arrival;
  const { eTag, size, lastModified, versionId } = object;
  const known = {
    ...{ datasetId: dataset.id, fileName, bucket, key, eTag, size, lastModified },
    ...(versionId !== undefined && { versionId }),
    sequencer: sequencerOf(order),
    pending: true,
  };
  try {
    const { facts, thumbnail } = await analyse(object, arrival, deps);
    const thumbName = await putThumbnail({ dataset, fileName, bytes: thumbnail.bytes }, deps.platform);
    const group = groupOfSameBytes(facts.sha256, arrival);
    return {
      ...{ ...known, registeredAt: deps.now(), state: 'registered', facts, thumbName },
      ...(group && { group }),
    };
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    const rejection = { code: error.code, reason: error.message };
    return { ...known, registeredAt: deps.now(), state: 'rejected', rejection };
  }
}

/** What it was nearly the same as holds of an image that is described anew, or uploaded again as it was. */
const groupOfSameBytes = (sha256: string, { stored }: Arrival) =>
  stored?.state === 'registered' && stored.facts.sha256 === sha256 ? stored.group : undefined;

async function analyse(object: OpenedObject, { dataset }: Arrival, deps: IngestDeps) {
  const limits = dataset.settings.ingest;
  if (object.size > limits.maxBytes) {
    object.body.destroy();
    throw tooManyBytes(object, limits.maxBytes);
  }
  return deps.analyse(await readBody(object.body, object.size), limits);
}

const tooManyBytes = ({ size }: ObjectDescription, maxBytes: number): RejectedError =>
  new RejectedError('TOO_MANY_BYTES', `${size} bytes; at most ${maxBytes} are accepted.`);

/**
 * Another process registered a newer object while this one was at work, and this one's thumbnail may have been
 * written after the newer one's: makes the thumbnail of what is registered.
 */
async function restoreThumbnail(arrival: Arrival, deps: IngestDeps): Promise<void> {
  const { dataset, fileName } = arrival;
  const registered = await deps.rawSamples.get(dataset.id, fileName);
  if (registered?.state !== 'registered') return;
  const { bucket, key, versionId, eTag } = registered;
  const object = await openObject({ ...arrival, bucket, key, versionId, eTag }, deps);
  if (!object) return;
  const { thumbnail } = await analyse(object, arrival, deps);
  await putThumbnail({ dataset, fileName, bytes: thumbnail.bytes }, deps.platform);
}

function report(state: RawSample, { telemetry }: IngestDeps): void {
  const { datasetId, fileName, versionId } = state;
  const ids = { datasetId, fileName, ...(versionId !== undefined && { versionId }) };
  if (state.state === 'rejected') telemetry.log('info', 'Image rejected', { ...ids, ...state.rejection });
  else telemetry.log('debug', 'Image registered', ids);
}
