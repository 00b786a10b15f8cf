import type { Dataset } from '#contracts/items';
import type { DatasetSync } from '#contracts/syncs';
import type { Datasource } from '#platform/datasources/datasources';
import { type ListingMessage, nextSync } from '#platform/syncs/next-sync';
import { placeDigestOf } from '#platform/syncs/place-digest';
import type { SyncDeps } from './sync-deps.ts';
import { LEASE_MS } from './sync-work.ts';

/** Before a message that must not be lost is looked at again (s). */
const LATER_SECONDS = 60;

/**
 * Leases the sync that a message leads to, with one conditional write. Undefined where there is nothing to do, or another
 * worker is at it: should that one die, its own message comes back, or reconcile notices. What that worker does not do by
 * itself is asked for again later.
 */
export async function claimSync(
  message: ListingMessage,
  dataset: Dataset,
  datasource: Datasource,
  deps: SyncDeps,
): Promise<DatasetSync | undefined> {
  const now = deps.now();
  const stored = await deps.syncs.get(dataset.id);
  const next = nextSync(message, stored, {
    ...{ placeDigest: placeDigestOf(datasource), newId: deps.newId(), now },
    hasInventory: dataset.settings.input.inventory !== undefined,
  });
  if (next === 'nothing') return undefined;
  const isLeased = stored?.state === 'RUNNING' && (stored.leaseUntil ?? 0) > now;
  if (next !== 'later' && !isLeased) {
    const claimed = { ...next, version: (stored?.version ?? 0) + 1, leaseUntil: now + LEASE_MS };
    if (await deps.syncs.replace(claimed)) return claimed;
  }
  const isMore = message.work === 'replay' ? stored?.id !== message.id : message.thorough === true;
  if (isMore || next === 'later') await deps.syncQueue.send(message, { delaySeconds: LATER_SECONDS });
  const { datasetId, work } = message;
  deps.telemetry.log('info', 'Another sync is under way', { datasetId, work, isAskedForAgain: isMore });
  return undefined;
}
