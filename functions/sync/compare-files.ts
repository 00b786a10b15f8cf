import type { RawSample } from '#contracts/items';
import { isInArchive, type KnownObject } from '#platform/samples/raw-samples';
import { differenceOf } from '#platform/syncs/differences';
import type { JudgedFile } from '#platform/syncs/name-chunks';
import { requestListed } from './observations.ts';
import type { SyncDeps } from './sync-deps.ts';
import type { Requested } from './sync-tally.ts';
import { compareRuleOf, type SyncWork } from './sync-work.ts';

/** Compares objects in no order with what the registry has under their names. */
export async function compareFiles(
  files: readonly JudgedFile[],
  work: SyncWork,
  deps: SyncDeps,
): Promise<Requested> {
  const taken = files.filter(({ skipped }) => skipped === undefined);
  const names = taken.map(({ name }) => name);
  const known = await deps.rawSamples.getMany(work.dataset.id, names);
  const rule = compareRuleOf(work, deps);
  const found = taken.flatMap((file) => {
    const stored = known.get(file.name);
    return differenceOf(file, stored && comparedOf(stored), rule) ?? [];
  });
  return requestListed(found, work, deps);
}

function comparedOf(rawSample: RawSample): KnownObject {
  const { fileName, state, bucket, key, eTag, sequencer, registeredAt } = rawSample;
  const isArchived = isInArchive(rawSample);
  return { fileName, state, bucket, key, eTag, sequencer, registeredAt, isArchived };
}
