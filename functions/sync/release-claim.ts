import type { ObjectId } from '#contracts/schema';
import type { SyncDeps } from './sync-deps.ts';

/** How long (ms) nobody else sends after the last sign of life: longer than a batch takes. */
const CLAIM_MS = 3 * 60_000;

/** That one worker alone sends the events that a dataset holds. */
export interface ReleaseClaim {
  /** Gets or keeps it. False where somebody else has it. */
  renew(): Promise<boolean>;
  /** Sends a message that goes on with it. @param heldUntil see the message, ms */
  passOn(next: { readonly delaySeconds: number; readonly heldUntil: number }): Promise<void>;
  /** Leaves it to others, unless it was passed on. */
  end(): Promise<void>;
}

/** @param held what the message before has passed on */
export function releaseClaim(
  datasetId: ObjectId,
  held: number | undefined,
  { states, syncQueue, now }: Pick<SyncDeps, 'states' | 'syncQueue' | 'now'>,
): ReleaseClaim {
  let until = held;
  let isOurs = false;
  const claim = async (forMs: number): Promise<boolean> => {
    const next = { until: now() + forMs, held: until, now: now() };
    isOurs = await states.claimRelease(datasetId, next);
    if (isOurs) until = next.until;
    return isOurs;
  };
  return {
    renew: () => claim(CLAIM_MS),
    passOn: async ({ delaySeconds, heldUntil }) => {
      if (!(await claim(delaySeconds * 1000 + CLAIM_MS)) || until === undefined) return;
      isOurs = false;
      const message = { datasetId, work: 'release', releasingUntil: until, heldUntil } as const;
      await syncQueue.send(message, { delaySeconds });
    },
    end: async () => {
      if (isOurs && until !== undefined) await states.endRelease(datasetId, until);
    },
  };
}
