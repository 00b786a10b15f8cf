import type { Dataset } from '#contracts/items';
import type { DatasetSync } from '#contracts/syncs';
import type { Datasource } from '#platform/datasources/datasources';
import { answers, type ListingMessage, nextSync } from '#platform/syncs/next-sync';
import { placeDigestOf } from '#platform/syncs/place-digest';
import type { SyncDeps } from './sync-deps.ts';
import { LEASE_MS } from './sync-work.ts';

/** Before what a message asks for is asked for again (s): while another sync goes on, and where its datasource has refused it. */
const LATER_SECONDS = 60;
const REFUSED_SECONDS = 15 * 60;

/**
 * Leases the sync that a message leads to, with one conditional write. Undefined where there is nothing to do, or another
 * worker is at it: should that one die, its own message comes back, or reconcile notices. Where what is under way is not
 * what the message asks for, that is asked for again later.
 */
export async function claimSync(
  message: ListingMessage,
  dataset: Dataset,
  datasource: Datasource,
  deps: SyncDeps,
): Promise<DatasetSync | undefined> {
  const now = deps.now();
  const stored = await deps.syncs.get(dataset.id);
  const facts = {
    ...{ placeDigest: placeDigestOf(datasource), newId: deps.newId(), now },
    hasInventory: dataset.settings.input.inventory !== undefined,
  };
  const next = nextSync(message, stored, facts);
  if (next === 'nothing') return undefined;
  const isLeased = stored?.state === 'RUNNING' && (stored.leaseUntil ?? 0) > now;
  const wanted = { ...next, version: (stored?.version ?? 0) + 1, leaseUntil: now + LEASE_MS };
  const claimed = !isLeased && (await deps.syncs.replace(wanted)) ? wanted : undefined;
  const underWay = claimed ?? (isLeased ? stored : await deps.syncs.get(dataset.id));
  const isAskedForAgain = !underWay || !answers(underWay, message, facts);
  if (isAskedForAgain) {
    const delaySeconds = stored?.state === 'FAILED' ? REFUSED_SECONDS : LATER_SECONDS;
    await deps.syncQueue.send(message, { delaySeconds });
  }
  const { datasetId, work } = message;
  if (!claimed || isAskedForAgain) {
    deps.telemetry.log('info', 'Another sync is under way', { datasetId, work, isAskedForAgain });
  }
  return claimed;
}
