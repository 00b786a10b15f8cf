import type { Dataset, RawSample } from '#contracts/items';
import { isArchivedRejection, type RawSampleStore } from '../../samples/raw-samples.ts';
import { isRegisteredIn } from '../../syncs/differences.ts';
import { syncPlaceOf } from '../../syncs/sync-place.ts';
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

/** How long (ms) the time of a registration is put off: longer than its write takes, and clocks differ. */
const REGISTRATION_DELAY_MS = 5_000;

/** By name, in ms; what does not count as new yet is left out. */
export type NewAtOf = (files: readonly DatasourceFile[]) => Promise<ReadonlyMap<string, number>>;

export interface NewSinceDeps {
  readonly rawSamples: Pick<RawSampleStore, 'getMany'>;
  readonly syncs: Pick<SyncStore, 'get'>;
  /** ms */
  readonly now: () => number;
}

/** What {@link newAt} knows beside the file. */
export interface NewSinceFacts {
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
export async function newSince(
  dataset: Pick<Dataset, 'id' | 'settings'>,
  datasource: Datasource,
  { rawSamples, syncs, now }: NewSinceDeps,
): Promise<NewAtOf | undefined> {
  const sync = await syncs.get(dataset.id);
  if (sync?.place !== syncPlaceOf(datasource)) return undefined;
  const { firstStartedAt } = sync;
  const rules = inputRules(dataset.settings.input, datasource);
  const { place } = datasource;
  return async (files) => {
    const names = files.map(({ name }) => name);
    const known = await rawSamples.getMany(dataset.id, names);
    const times = new Map<string, number>();
    for (const file of files) {
      const at = newAt(file, known.get(file.name), { place, rules, firstStartedAt, now: now() });
      if (at !== undefined) times.set(file.name, at);
    }
    return times;
  };
}

/** When a file counts as new, ms. Undefined where it is to be registered, as it is now, and counts as new then. */
export function newAt(
  file: DatasourceFile,
  known: RawSample | undefined,
  { place, rules, firstStartedAt, now }: NewSinceFacts,
): number | undefined {
  const isKnown = known !== undefined && known.state !== 'deleted' && isRegisteredIn(known, place);
  if (isKnown && known.eTag === file.eTag) {
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
