import type { Dataset } from '#contracts/items';
import type { DatasetSync } from '#contracts/syncs';
import type { Datasource } from '#platform/datasources/datasources';
import { answers, type ListingMessage, nextSync } from '#platform/syncs/next-sync';
import { placeDigestOf } from '#platform/syncs/place-digest';
import type { SyncDeps } from './sync-deps.ts';
import { LEASE_MS } from './sync-work.ts';

/**
 * Before what a message asks for is asked for again (s), by what the sync has come to that went first. More than clocks differ by:
 * what began just now may seem to have begun before it was asked for.
 */
const AGAIN_SECONDS: Record<DatasetSync['state'], number> = { RUNNING: 60, DONE: 10, FAILED: 15 * 60 };

/** A sync that this worker has leased, and whether what its message asks for is still to be asked for after it. */
export interface Claim {
  readonly sync: DatasetSync;
  readonly isAskedForAgain: boolean;
}

/**
 * Leases the sync that a message leads to, with one conditional write. Undefined where there is nothing to do, or another
 * worker is at it: should that one die, its own message comes back, or reconcile notices. Where what that one is at is not
 * what the message asks for, that is asked for again later.
 */
export async function claimSync(
  message: ListingMessage,
  dataset: Dataset,
  datasource: Datasource,
  deps: SyncDeps,
): Promise<Claim | undefined> {
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
  const { datasetId, work } = message;
  if (!claimed || isAskedForAgain) {
    deps.telemetry.log('info', 'Another sync is under way', { datasetId, work, isAskedForAgain });
  }
  if (claimed) return { sync: claimed, isAskedForAgain };
  if (isAskedForAgain) await askAgain(message, 'RUNNING', deps);
  return undefined;
}

/** @param state of the sync that went first */
export async function askAgain(
  message: ListingMessage,
  state: DatasetSync['state'],
  { syncQueue }: Pick<SyncDeps, 'syncQueue'>,
): Promise<void> {
  await syncQueue.send(message, { delaySeconds: AGAIN_SECONDS[state] });
}
