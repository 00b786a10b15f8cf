import type { Dataset, Run } from '#contracts/items';
import { exportedFormats } from '#platform/exports/exported-formats';
import { digestOfIndexes } from '#platform/samples/available-samples';
import { EMPTY_MASK, indexesOfMask, intersectionOfMasks } from '#platform/tags/bit-mask';
import { runTagId } from '#platform/tags/run-tags';
import { maintainUnavailableTag } from '#platform/tags/unavailable-tag';
import type { ReconcileDeps } from './reconcile-deps.ts';

/** Exports of a run are written anew once in this time (ms) at most. */
const REFRESHED_EVERY_MS = 15 * 60_000;
/** Newest first: one that has exports is rarely further down. */
const RUNS_LOOKED_AT = 20;

export type GoneImagesDeps = Pick<
  ReconcileDeps,
  'tags' | 'sampleAvailability' | 'runs' | 'exports' | 'completeQueue' | 'telemetry' | 'now'
>;

/**
 * Images that have gone or come back: the tag that tells of them, and the exports of the newest run, of which `latest/` is a
 * copy. Whether these are outdated is told from what they say of themselves, so that asking twice does no harm.
 *
 * @returns 1 where the exports are asked for
 */
export async function followGoneImages(dataset: Dataset, deps: GoneImagesDeps): Promise<number> {
  const { id: datasetId } = dataset;
  const gone = await maintainUnavailableTag(datasetId, deps);
  const run = await newestExportedRun(dataset, deps);
  if (!run) return 0;
  // The same for whoever asks within this time, so that what was written since is left as it is.
  const exportsBefore = deps.now() - (deps.now() % REFRESHED_EVERY_MS);
  if (!(await hasOutdatedExports(dataset, run, { gone, exportsBefore }, deps))) return 0;
  await deps.completeQueue.send({ datasetId, runId: run.id, exportsBefore });
  const ids = { datasetId, runId: run.id };
  deps.telemetry.log('info', 'Exports are written anew, for images have gone or come back', ids);
  return 1;
}

async function newestExportedRun({ id }: Dataset, deps: GoneImagesDeps): Promise<Run | undefined> {
  let lookedAt = 0;
  for await (const run of deps.runs.list(id)) {
    if (run.state === 'COMPLETED' && run.tagName !== undefined && run.fannedOutAt !== undefined) return run;
    if (++lookedAt === RUNS_LOOKED_AT) return undefined;
  }
  return undefined;
}

async function hasOutdatedExports(
  dataset: Dataset,
  { id: runId }: Run,
  { gone, exportsBefore }: { readonly gone: string; readonly exportsBefore: number },
  deps: GoneImagesDeps,
): Promise<boolean> {
  const formats = exportedFormats(dataset.settings.exports);
  const records = (await deps.exports.listForRun(dataset.id, runId)).filter(
    ({ format, writtenAt }) => formats.includes(format) && writtenAt < exportsBefore,
  );
  if (records.length === 0) return false;
  if (gone === EMPTY_MASK && !records.some(({ noLongerAvailable }) => noLongerAvailable)) return false;
  const tag = await deps.tags.get(dataset.id, runTagId(runId));
  if (!tag) return false;
  const lacking = intersectionOfMasks(tag.bitMaskData, gone);
  const expected = lacking === EMPTY_MASK ? undefined : digestOfIndexes(indexesOfMask(lacking));
  return records.some(({ noLongerAvailable }) => noLongerAvailable?.digest !== expected);
}
