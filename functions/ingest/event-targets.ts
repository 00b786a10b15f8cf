import pMap from 'p-map';
import type { Dataset } from '#contracts/items';
import type { ObjectEvent } from '#contracts/object-event';
import { isReservedName, landingPrefix, parseLandingKey } from '#contracts/s3-keys';
import type { ObjectId } from '#contracts/schema';
import { isIn } from '#platform/datasources/dataset-images';
import {
  type Datasource,
  isConfigured,
  leftByOthersUntil,
  type VersionedDatasource,
} from '#platform/datasources/datasources';
import { sendingBucket, sendsEvents } from '#platform/datasources/input/input-buckets';
import { isListedPlace } from '#platform/syncs/listed-place';
import type { Target } from './arrival.ts';
import type { IngestDeps } from './ingest-deps.ts';

/** Why an event is for nobody. */
export interface NoTarget {
  readonly outcome: 'ObjectsIgnored' | 'ObjectsOutsideDatasets';
  /** For people, where somebody should know. */
  readonly reason?: string;
}
/** Of no dataset any more, or not meant to be an image. */
const IGNORED: NoTarget = { outcome: 'ObjectsIgnored' };
const outside = (reason: string): NoTarget => ({ outcome: 'ObjectsOutsideDatasets', reason });

/**
 * The datasets that an event is for: the one that it names; in the landing bucket that of its folder; in any other one all
 * that have their INPUT datasource there, and have listed it.
 */
export async function targetsOf(event: ObjectEvent, deps: IngestDeps): Promise<readonly Target[] | NoTarget> {
  if (event.datasetId !== undefined) return namedTarget(event, event.datasetId, deps);
  // Consoles make objects that end in a slash to show a folder.
  if (event.key.endsWith('/')) return IGNORED;
  return event.bucket === deps.buckets.landing ? landingTarget(event, deps) : targetsInBucket(event, deps);
}

async function namedTarget(
  event: ObjectEvent,
  datasetId: ObjectId,
  deps: IngestDeps,
): Promise<readonly Target[] | NoTarget> {
  const dataset = await deps.inputDatasets.get(datasetId);
  if (!dataset) return IGNORED;
  const input = await inputNow(dataset, ({ place }) => isIn(place, event), deps);
  const { bornAt = Number.POSITIVE_INFINITY } = event;
  if (!input || bornAt <= (leftByOthersUntil(dataset, input) ?? -1)) {
    return IGNORED;
  }
  const target = targetWithin(event, dataset, input);
  return target && (await mayBeTold(target, deps)) ? [target] : IGNORED;
}

async function landingTarget(event: ObjectEvent, deps: IngestDeps): Promise<readonly Target[] | NoTarget> {
  const place = parseLandingKey(event.key);
  if (!place) return outside(NO_FOLDER);
  if (isReservedName(place.fileName)) return IGNORED;
  const dataset = await datasetOf(event, place.datasetName, deps);
  if (!dataset) return IGNORED;
  if (hasOtherFolder(dataset, event.bucket, place.datasetName)) return outside(NO_FOLDER);
  const input = await deps.images.where(dataset);
  if (isConfigured(input)) {
    return { ...IGNORED, reason: 'the INPUT datasource of its dataset is elsewhere; it stays where it is' };
  }
  return [{ dataset, input, fileName: place.fileName, event }];
}

const NO_FOLDER = "its key does not start with the name of a dataset's folder and a slash";

/** A dataset begins with its first image; a removal makes none. */
const datasetOf = (
  { kind, bornAt }: ObjectEvent,
  name: string,
  deps: IngestDeps,
): Promise<Dataset | undefined> =>
  kind === 'created' ? deps.ensureDataset(name, bornAt) : deps.datasets.findByName(name);

/** A dataset that was renamed while it had images takes further ones in its old folder, and only there. */
const hasOtherFolder = ({ landingFolder }: Dataset, bucket: string, name: string): boolean =>
  landingFolder.bucket === bucket && landingFolder.prefix !== landingPrefix(name);

/** There may be many datasets that name a bucket. */
const CONCURRENT_LOOKUPS = 10;

async function targetsInBucket(event: ObjectEvent, deps: IngestDeps): Promise<readonly Target[] | NoTarget> {
  const datasets = await deps.inputDatasets.inBucket(event.bucket);
  const found = await pMap(
    datasets,
    async (dataset) => {
      const isSender = (input: Datasource) => sendingBucket(dataset, input) === event.bucket;
      const input = await inputNow(dataset, isSender, deps);
      const target = input && targetWithin(event, dataset, input);
      if (target && (await mayBeTold(target, deps))) return target;
      return input && 'elsewhere';
    },
    { concurrency: CONCURRENT_LOOKUPS },
  );
  const inBucket = found.filter((target) => target !== undefined);
  if (inBucket.length === 0) return outside('no dataset has its INPUT datasource in its bucket');
  const targets = inBucket.filter((target) => target !== 'elsewhere');
  return targets.length > 0 ? targets : IGNORED;
}

/**
 * Anybody may name any bucket, and an event says which files are in it. So a dataset is told of what happens in somebody's bucket
 * only while its datasource is that bucket, and since it has been listed: the listing has what came before.
 */
async function mayBeTold({ dataset, input, event }: Target, { syncOf }: IngestDeps): Promise<boolean> {
  if (event.order.by === 'observation' || !isConfigured(input)) return true;
  if (!sendsEvents(input)) return false;
  const sync = await syncOf(dataset.id);
  if (isListedPlace(sync, input)) return true;
  // It may have ended just now. That of a report has thousands of parts, too much to be read for each event.
  return sync?.source !== 'inventory' && isListedPlace(await syncOf(dataset.id, 'now'), input);
}

/**
 * Where the images of a dataset are, if that is where the event is from. It may have been set only just now: what an event
 * finds otherwise is asked for once more before the event is for nobody.
 */
async function inputNow(
  dataset: Dataset,
  isMeant: (input: Datasource) => boolean,
  { images }: IngestDeps,
): Promise<VersionedDatasource | undefined> {
  const known = await images.where(dataset);
  if (isMeant(known)) return known;
  const input = await images.where(dataset, 'INPUT', 'now');
  return isMeant(input) ? input : undefined;
}

function targetWithin(event: ObjectEvent, dataset: Dataset, input: VersionedDatasource): Target | undefined {
  const { bucket, prefix } = input.place;
  const fileName = event.key.slice(prefix.length);
  if (!event.key.startsWith(prefix) || fileName === '' || isReservedName(fileName)) return undefined;
  return { dataset, input, fileName, event: { ...event, bucket } };
}
