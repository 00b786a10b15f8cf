import { modelNameOf } from '#contracts/embedding-models';
import type { Dataset, RawSample } from '#contracts/items';
import type { ObjectEvent } from '#contracts/object-event';
import { landingPrefix, parseLandingKey, RESERVED_FOLDER } from '#contracts/s3-keys';
import { isNewer } from '#platform/samples/raw-samples';
import { type Arrival, type IngestResult, sequencerOf } from './arrival.ts';
import type { IngestDeps } from './ingest-deps.ts';
import { registerObject } from './register-object.ts';

/**
 * Brings the registry in line with one event. Events may come twice, late and in any order: a newer state is never
 * overwritten, and the object itself is asked what it is now wherever an event alone can't tell.
 *
 * @throws RetryableError where a service does not answer; nothing is registered then
 */
export async function ingestObject(event: ObjectEvent, deps: IngestDeps): Promise<IngestResult> {
  const place = event.bucket === deps.buckets.landing ? parseLandingKey(event.key) : undefined;
  if (!place) return outsideDatasets(event, deps);
  const { datasetName, fileName } = place;
  if (fileName.startsWith(RESERVED_FOLDER)) return { outcome: 'ObjectsIgnored' };
  const dataset = await datasetOf(event, datasetName, deps);
  if (!dataset) return { outcome: 'ObjectsIgnored' };
  if (hasOtherFolder(dataset, event.bucket, datasetName)) return outsideDatasets(event, deps);
  const stored = await deps.rawSamples.get(dataset.id, fileName);
  const { kind, size: _, bornAt: __, ...object } = event;
  const arrival: Arrival = { ...object, dataset, fileName, stored };
  // A process that died between registration and intake left the image waiting: its message tells again.
  if (!isNewer(event.order, stored)) return unchanged(arrival);
  return kind === 'created' ? ingestCreated(arrival, deps) : ingestRemoved(arrival, deps);
}

/** A dataset begins with its first image; a removal makes none. */
function datasetOf(
  { kind, bornAt }: ObjectEvent,
  name: string,
  deps: IngestDeps,
): Promise<Dataset | undefined> {
  return kind === 'created' ? deps.ensureDataset(name, bornAt) : deps.datasets.findByName(name);
}

/** A dataset that was renamed while it had images takes further ones in its old folder, and only there. */
const hasOtherFolder = ({ landingFolder }: Dataset, bucket: string, name: string): boolean =>
  landingFolder.bucket === bucket && landingFolder.prefix !== landingPrefix(name);

function outsideDatasets({ kind, bucket, key }: ObjectEvent, deps: IngestDeps): IngestResult {
  // Consoles make objects that end in a slash to show a folder.
  if (kind === 'removed' || key.endsWith('/')) return { outcome: 'ObjectsIgnored' };
  deps.telemetry.log('warn', 'Object rejected', {
    bucket,
    key,
    reason: "its key does not start with the name of a dataset's folder and a slash",
  });
  return { outcome: 'ObjectsOutsideDatasets' };
}

async function ingestCreated(arrival: Arrival, deps: IngestDeps): Promise<IngestResult> {
  const { stored, order } = arrival;
  if (stored && isStoredObject(arrival, stored) && !isDescribedOtherwise(stored, arrival.dataset)) {
    // The same bytes under a newer event: only the place in the order moves forward.
    await deps.rawSamples.write({ ...stored, sequencer: sequencerOf(order) }, order);
    return unchanged(arrival);
  }
  return registerObject(arrival, deps);
}

/**
 * What a removal leaves behind is not in its event. In a versioned bucket, deleting a version may bring an older
 * one to light or leave the current one as it is, and a removal that comes late may find a new object.
 */
async function ingestRemoved(arrival: Arrival, deps: IngestDeps): Promise<IngestResult> {
  const { bucket, key, order, stored, dataset, fileName } = arrival;
  const current = await deps.landing.head({ bucket, key });
  if (current) {
    const { eTag, versionId } = current;
    return ingestCreated({ ...arrival, eTag, versionId }, deps);
  }
  const at = deps.now();
  const deleted: RawSample = {
    ...{ datasetId: dataset.id, fileName, bucket, key, state: 'deleted', pending: false },
    sequencer: sequencerOf(order),
    eTag: stored?.eTag ?? '',
    size: stored?.size ?? 0,
    lastModified: stored?.lastModified ?? at,
    registeredAt: at,
  };
  const written = await deps.rawSamples.write(deleted, order);
  return { outcome: written === 'written' ? 'ImagesDeleted' : 'ImagesUnchanged' };
}

const unchanged = ({ stored, dataset }: Arrival): IngestResult => ({
  outcome: 'ImagesUnchanged',
  ...(stored?.pending && { awaitsRun: dataset }),
});

const isStoredObject = ({ eTag, versionId }: Arrival, stored: RawSample): boolean =>
  stored.state !== 'deleted' && stored.eTag === eTag && stored.versionId === versionId;

/** By another model than the one that the dataset has now: such an image is described anew. */
const isDescribedOtherwise = (stored: RawSample, { settings }: Dataset): boolean =>
  stored.state === 'registered' &&
  stored.facts.embeddingModel !== modelNameOf(settings.ingest.embeddingModel);
