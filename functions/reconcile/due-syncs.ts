import type { DatasourceState } from '#contracts/datasource-state';
import type { Dataset } from '#contracts/items';
import type { DatasetSync, SyncMessage } from '#contracts/syncs';
import { holdsEverythingUp, refusesThumbnails } from '#platform/datasources/datasource-states';
import { datasourceOf } from '#platform/datasources/datasources';
import { messageToGoOn } from '#platform/syncs/next-sync';
import { placeDigestOf } from '#platform/syncs/place-digest';
import { type DueSync, dueSync, refusedLeftAloneMs } from '#platform/syncs/sync-schedule';
import type { ReconcileDeps } from './reconcile-deps.ts';

/** How often (ms) a datasource is listed, at most, while some of its images can't be taken in: each of these is asked for again. See also {@link refusedLeftAloneMs}. */
const LIST_DESPITE_REFUSALS_EVERY_MS = 60 * 60_000;

/**
 * A dataset that is to be listed again, or whose sync nobody works on any more. One whose datasource refuses is not asked
 * for: it is tried, and listed as soon as that works. Where only some of its files are refused the others are kept up with.
 *
 * @returns number of messages sent
 */
export async function requestDueSync(dataset: Dataset, deps: ReconcileDeps): Promise<number> {
  const { id: datasetId, pausedAt, settings } = dataset;
  if (pausedAt !== undefined) return 0;
  const sync = await deps.syncs.get(datasetId);
  const datasource = datasourceOf(dataset, await deps.datasources.get(datasetId), 'INPUT');
  const due = dueSync(sync, settings.input, { placeDigest: placeDigestOf(datasource), now: deps.now() });
  if (!due) return 0;
  const state = await deps.datasourceStates.get(datasetId);
  if (state?.problem && !isOfUse(state, isListedLately(state.problem, sync, deps.now()))) return 0;
  await deps.syncQueue.send(messageFor(datasetId, due, sync));
  if (due === 'stalled') deps.telemetry.log('warn', 'Sync was stalled', { datasetId, syncId: sync?.id });
  return 1;
}

function isListedLately(
  { since }: NonNullable<DatasourceState['problem']>,
  sync: DatasetSync | undefined,
  now: number,
): boolean {
  const facts = { since, now, least: LIST_DESPITE_REFUSALS_EVERY_MS };
  return now - (sync?.startedAt ?? 0) < refusedLeftAloneMs(sync?.last, facts);
}

function isOfUse(state: DatasourceState, wasJustListed: boolean): boolean {
  const { problem } = state;
  if (refusesThumbnails(state)) return !wasJustListed;
  if (problem?.use !== 'INPUT') return true;
  // What can't be listed can be read by name, and has no use for a sync.
  return problem.scope === 'object' && !holdsEverythingUp(problem) && !wasJustListed;
}

function messageFor(datasetId: string, due: DueSync, sync: DatasetSync | undefined): SyncMessage {
  if (due === 'stalled' && sync) return messageToGoOn(sync);
  return { datasetId, work: 'compare', ...(due === 'thorough' && { thorough: true }) };
}
