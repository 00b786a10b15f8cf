import { modelNameOf } from '#contracts/embedding-models';
import type { Dataset, RawSample } from '#contracts/items';
import type { DescribedFile } from '#platform/datasources/datasource-objects';
import { isArchivedRejection, isNewer, orderSeeing } from '#platform/samples/raw-samples';
import { availabilityOf } from '#platform/samples/sample-availability';
import { type Arrival, type IngestResult, sequencerOf, type Target } from './arrival.ts';
import type { IngestDeps } from './ingest-deps.ts';
import { isSkipped, needsDescription, reportSkipped } from './judge-event.ts';
import { registerObject } from './register-object.ts';

/**
 * Brings the registry of one dataset in line with one event.
 *
 * @throws RetryableError where a service does not answer, DatasourceError or ThumbnailRefused where a datasource refuses;
 * nothing is registered then
 */
export async function ingestArrival(target: Target, deps: IngestDeps): Promise<IngestResult> {
  const { dataset, fileName, event } = target;
  const { bucket, key, versionId, eTag, bornAt, kind } = event;
  const stored = await deps.rawSamples.get(dataset.id, fileName);
  const order = orderSeeing(event.order, stored);
  const arrival: Arrival = { dataset, fileName, bucket, key, versionId, eTag, bornAt, order, stored };
  // A process that died between registration and what follows left that undone: its message tells again.
  if (!isNewer(order, { bucket, key }, stored)) {
    if (stored) await noteAvailability(stored, deps);
    return unchanged(arrival);
  }
  if (kind === 'removed') return ingestRemoved(arrival, target, deps);
  if (order.by === 'observation' && order.seen && !order.again) return ingestCreated(arrival, deps);
  if (!needsDescription(target)) return ingestCreated(arrival, deps);
  return ingestDescribed(arrival, target, await deps.images.head(dataset, arrival), deps);
}

/** Registers what a request has told of, unless the filter leaves it out. */
async function ingestDescribed(
  arrival: Arrival,
  target: Target,
  found: DescribedFile | undefined,
  deps: IngestDeps,
): Promise<IngestResult> {
  if (!found) return { outcome: 'ImagesSuperseded' };
  if (isSkipped(target, found, deps.now())) return reportSkipped(target, deps);
  return ingestCreated({ ...arrival, eTag: found.eTag, versionId: found.versionId }, deps);
}

async function ingestCreated(arrival: Arrival, deps: IngestDeps): Promise<IngestResult> {
  const { stored, order, dataset } = arrival;
  const isLookedAtAgain = order.by === 'observation' && order.again === true;
  if (stored && !isLookedAtAgain && isStoredObject(arrival, stored) && !isToRead(stored, dataset)) {
    // The same bytes under a newer event: only the place in the order moves forward.
    const kept = { ...stored, sequencer: sequencerOf(arrival) };
    const written = await deps.rawSamples.write(kept, order);
    // Where it was written it had been taken for deleted meanwhile.
    if (written === 'written' || (written === 'unchanged' && order.by === 'observation')) {
      await noteAvailability(kept, deps);
    }
    return unchanged(arrival);
  }
  const { state, ...result } = await registerObject(arrival, deps);
  if (state && stored) await noteAvailability(state, deps);
  return result;
}

/**
 * What a removal leaves behind is not in its event. In a versioned bucket, deleting a version may bring an older
 * one to light or leave the current one as it is, and a removal that comes late may find a new object.
 */
async function ingestRemoved(arrival: Arrival, target: Target, deps: IngestDeps): Promise<IngestResult> {
  const { bucket, key, order, stored, dataset, fileName } = arrival;
  // Of what the filter leaves out there is nothing to forget.
  if (!stored && isSkipped(target, {}, deps.now())) return reportSkipped(target, deps);
  const current = await deps.images.head(dataset, { bucket, key });
  if (current && !stored) return ingestDescribed(arrival, target, current, deps);
  if (current) {
    const { eTag, versionId } = current;
    return ingestCreated({ ...arrival, eTag, versionId, bornAt: undefined }, deps);
  }
  const at = deps.now();
  const deleted: RawSample = {
    ...{ datasetId: dataset.id, fileName, bucket, key, state: 'deleted', pending: false },
    sequencer: sequencerOf(arrival),
    eTag: stored?.eTag ?? '',
    size: stored?.size ?? 0,
    lastModified: stored?.lastModified ?? at,
    registeredAt: at,
  };
  const written = await deps.rawSamples.write(deleted, order);
  if (written === 'written') await noteAvailability(deleted, deps);
  else if (stored?.state === 'deleted') await noteAvailability(stored, deps);
  return { outcome: written === 'written' ? 'ImagesDeleted' : 'ImagesUnchanged' };
}

const unchanged = ({ stored, dataset }: Arrival): IngestResult => ({
  outcome: 'ImagesUnchanged',
  ...(stored?.pending && { awaitsRun: dataset }),
});

/**
 * Tells the sample of the same name, if there is one, whether it still has its image. Of a state that was there already, too:
 * an observation that has led to it is not older than it, and the process may have died before it told.
 */
async function noteAvailability(state: RawSample, { sampleAvailability }: IngestDeps): Promise<void> {
  await sampleAvailability.markAvailability(state.datasetId, state.fileName, availabilityOf(state));
}

const isStoredObject = ({ bucket, key, eTag, versionId }: Arrival, stored: RawSample): boolean =>
  stored.state !== 'deleted' &&
  stored.bucket === bucket &&
  stored.key === key &&
  stored.eTag === eTag &&
  stored.versionId === versionId;

/** Although the object is the same: it may have been restored from an archive, or another model is to describe it. */
const isToRead = (stored: RawSample, { settings }: Dataset): boolean =>
  isArchivedRejection(stored) ||
  (stored.state === 'registered' &&
    stored.facts.embeddingModel !== modelNameOf(settings.ingest.embeddingModel));
