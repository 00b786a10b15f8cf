import type { RawSample } from '#contracts/items';
import type { DescribedFile } from '#platform/datasources/datasource-objects';
import { isNewer, isSameObject, orderSeeing } from '#platform/samples/raw-samples';
import { type Arrival, type IngestResult, sequencerOf, type Target, unchanged } from './arrival.ts';
import { ingestCreated } from './ingest-created.ts';
import type { IngestDeps } from './ingest-deps.ts';
import { isSkipped, isSkippedAsTold, needsDescription, reportSkipped } from './judge-event.ts';
import { noteAvailability } from './note-availability.ts';
import { writeState } from './write-state.ts';

/**
 * Brings the registry of one dataset in line with one event.
 *
 * @throws RetryableError where a service does not answer, DatasourceError or ThumbnailRefused where a datasource refuses;
 * nothing is registered then
 */
export async function ingestArrival(target: Target, deps: IngestDeps): Promise<IngestResult> {
  const { dataset, fileName, event } = target;
  const { bucket, key, versionId, eTag, bornAt, archive, kind } = event;
  const stored = await deps.rawSamples.get(dataset.id, fileName);
  const order = orderSeeing(event.order, stored);
  const arrival: Arrival = {
    dataset,
    fileName,
    bucket,
    key,
    versionId,
    eTag,
    bornAt,
    archive,
    order,
    stored,
  };
  // A process that died between registration and what follows left that undone: its message tells again.
  if (!isNewer(order, { bucket, key }, stored)) {
    if (stored) await noteAvailability(stored, deps);
    return unchanged(arrival);
  }
  if (kind === 'removed') return ingestRemoved(arrival, target, deps);
  if (isSkippedAsTold(target, deps)) return ingestLeftOut(arrival, target, deps);
  const isJudged = order.by === 'observation' && order.seen && !order.again;
  if (isJudged || !needsDescription(target)) return ingestCreated(arrival, deps);
  return ingestFound(arrival, await deps.images.head(dataset, arrival), target, deps);
}

/** Registers what a request has told of, unless the filter leaves it out. */
async function ingestFound(
  arrival: Arrival,
  found: DescribedFile | undefined,
  target: Target,
  deps: IngestDeps,
): Promise<IngestResult> {
  if (!found) return { outcome: 'ImagesSuperseded' };
  const described = { ...arrival, eTag: found.eTag, versionId: found.versionId };
  if (isSkipped(target, found, deps.now())) return ingestLeftOut(described, target, deps);
  return ingestCreated(described, deps);
}

/**
 * An image of the dataset that gave way to an object which is none is gone. What is registered stays while its bytes are the
 * same, whatever the filter says by now, and where the event does not tell what has come.
 */
async function ingestLeftOut(arrival: Arrival, target: Target, deps: IngestDeps): Promise<IngestResult> {
  return isReplacement(arrival, arrival.stored) ? ingestGone(arrival, deps) : reportSkipped(target, deps);
}

/** True where the registry has an image in whose place another object has come. Another version of its bytes is none. */
export const isReplacement = (
  { bucket, key, eTag }: Pick<Arrival, 'bucket' | 'key' | 'eTag'>,
  stored: RawSample | undefined,
): boolean =>
  stored !== undefined &&
  stored.state !== 'deleted' &&
  eTag !== undefined &&
  !isSameObject({ bucket, key, eTag }, stored);

/**
 * What a removal leaves behind is not in its event. In a versioned bucket, deleting a version may bring an older
 * one to light or leave the current one as it is, and a removal that comes late may find a new object.
 */
async function ingestRemoved(arrival: Arrival, target: Target, deps: IngestDeps): Promise<IngestResult> {
  const { bucket, key, stored, dataset } = arrival;
  // Of what the filter leaves out there is nothing to forget.
  if (!stored && isSkipped(target, {}, deps.now())) return reportSkipped(target, deps);
  const current = await deps.images.head(dataset, { bucket, key });
  if (!current) return ingestGone(arrival, deps);
  return ingestFound(stored ? { ...arrival, bornAt: undefined } : arrival, current, target, deps);
}

async function ingestGone(arrival: Arrival, deps: IngestDeps): Promise<IngestResult> {
  const { bucket, key, order, stored, dataset, fileName } = arrival;
  const deletedAt = (at: number): RawSample => ({
    ...{ datasetId: dataset.id, fileName, bucket, key, state: 'deleted', pending: false },
    sequencer: sequencerOf(arrival),
    eTag: stored?.eTag ?? '',
    size: stored?.size ?? 0,
    lastModified: stored?.lastModified ?? at,
    registeredAt: at,
  });
  const { written, state } = await writeState(deletedAt, order, deps);
  if (written === 'written') await noteAvailability(state, deps);
  else if (stored?.state === 'deleted') await noteAvailability(stored, deps);
  return { outcome: written === 'written' ? 'ImagesDeleted' : 'ImagesUnchanged' };
}
