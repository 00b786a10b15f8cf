import type { Dataset, RawSample } from '#contracts/items';
import type { EventOrder } from '#contracts/object-event';
import type { DatasetSync } from '#contracts/syncs';
import {
  isArchivedRejection,
  isSameObject,
  LONGEST_WRITE_MS,
  type RawSampleStore,
} from '../../samples/raw-samples.ts';
import { placeDigestOf } from '../../syncs/place-digest.ts';
import type { SyncStore } from '../../syncs/sync-store.ts';
import type { DatasourceFile } from '../datasource-objects.ts';
import type { Datasource } from '../datasources.ts';
import { type InputRules, inputRules, judgeObject } from '../input/input-filter.ts';

/**
 * When files count as new, for listings of a range of time. Whoever lists range after range, each beginning where the last one
 * ended, gets each file once in what it is, whenever and in whatever order it arrives.
 *
 * A registered file counts as new some seconds after it was registered: until then a listing that has begun may miss it.
 * A file that will be registered counts as new then, so a listing leaves it out until it is. What was there before its
 * datasource was connected, and what is no image of the dataset, counts as new when it was modified.
 */

/** Clocks differ by so much (ms) at most. */
const CLOCK_SKEW_MS = 2_000;
/** How long (ms) the time of a registration is put off: the state that tells it is written by then, or never. */
const REGISTRATION_DELAY_MS = LONGEST_WRITE_MS + CLOCK_SKEW_MS;

/** By name, in ms; what does not count as new yet is left out. */
export type NewAtByName = (files: readonly DatasourceFile[]) => Promise<ReadonlyMap<string, number>>;

export interface NewAtDeps {
  readonly rawSamples: Pick<RawSampleStore, 'getMany'>;
  readonly syncs: Pick<SyncStore, 'get'>;
  /** ms */
  readonly now: () => number;
}

/** What {@link newAtOfFile} knows beside the file. */
export interface NewAtFacts {
  readonly place: Datasource['place'];
  readonly rules: InputRules;
  /** When the first compare of the place began, ms. */
  readonly firstStartedAt: number;
  /** ms */
  readonly now: number;
}

/**
 * When files of a dataset's INPUT count as new. Undefined where its datasource has not been compared with the registry yet:
 * then nobody knows more than when they were modified.
 */
export async function newAtOfFiles(
  dataset: Pick<Dataset, 'id' | 'settings'>,
  datasource: Datasource,
  { rawSamples, syncs, now }: NewAtDeps,
): Promise<NewAtByName | undefined> {
  const sync = await syncs.get(dataset.id);
  if (sync?.placeDigest !== placeDigestOf(datasource)) return undefined;
  const { firstStartedAt } = sync;
  const rules = inputRules(dataset.settings.input, datasource);
  const { place } = datasource;
  return async (files) => {
    const names = files.map(({ name }) => name);
    const known = await rawSamples.getMany(dataset.id, names);
    const times = new Map<string, number>();
    for (const file of files) {
      const at = newAtOfFile(file, known.get(file.name), { place, rules, firstStartedAt, now: now() });
      if (at !== undefined) times.set(file.name, at);
    }
    return times;
  };
}

/** When a file counts as new, ms. Undefined where it is to be registered, as it is now, and counts as new then. */
export function newAtOfFile(
  file: DatasourceFile,
  known: RawSample | undefined,
  { place, rules, firstStartedAt, now }: NewAtFacts,
): number | undefined {
  const listed = { bucket: place.bucket, key: place.prefix + file.name, eTag: file.eTag };
  if (known && known.state !== 'deleted' && isSameObject(listed, known)) {
    // It is read once more when it was restored.
    if (isArchivedRejection(known)) return undefined;
    const { newAt: at = known.lastModified, lastModified } = known;
    const wasThere = at === lastModified && (lastModified < firstStartedAt || known.newAt === undefined);
    return wasThere ? at : at + REGISTRATION_DELAY_MS;
  }
  const judgement = judgeObject(file, rules, now);
  const isToCome = judgement === 'taken' || judgement.skipped === 'too-young';
  if (!isToCome) return file.lastModified;
  return file.lastModified >= firstStartedAt ? undefined : file.lastModified;
}

/** What was read of an object. */
type ReadState = Pick<RawSample, 'eTag' | 'lastModified' | 'registeredAt'>;

/** What is known of the object before it is read. */
interface FoundState {
  readonly stored: RawSample | undefined;
  readonly bucket: string;
  readonly key: string;
  readonly order: EventOrder;
  /** When the object was made, or what happened to it (ms), where the event tells. */
  readonly bornAt?: number | undefined;
}

/**
 * When a state counts as new for listings of a time range, ms; undefined where that is the object's own modification time.
 *
 * Whoever lists the datasource without a lower bound gets what is in it, registered or not. So what was there before its first
 * compare began keeps its own time, lest it comes a second time with what is new; and what is only described
 * anew keeps the time it had.
 *
 * @param sync of the dataset, where there has been one
 */
export function newAtOfRegistration(
  read: ReadState,
  { stored, bucket, key, order, bornAt }: FoundState,
  sync: Pick<DatasetSync, 'firstStartedAt' | 'firstFinishedAt'> | undefined,
): number | undefined {
  // The same bytes in another version are no news.
  const isKnown = stored && isSameObject({ bucket, key, eTag: read.eTag }, stored);
  if (isKnown && stored.state !== 'deleted' && !isArchivedRejection(stored)) return stored.newAt;
  if (!sync) return read.registeredAt;
  const { firstStartedAt, firstFinishedAt = Number.POSITIVE_INFINITY } = sync;
  // Uploads in parts are as old as their beginning, and events tell of their end.
  const wasThere = read.lastModified < firstStartedAt && (bornAt ?? 0) < firstStartedAt;
  const isOfFirstCompare = order.by === 'sequencer' || (order.at ?? 0) <= firstFinishedAt;
  return wasThere && isOfFirstCompare ? read.lastModified : read.registeredAt;
}
