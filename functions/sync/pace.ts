import { setTimeout as sleep } from 'node:timers/promises';

/** Lets through as many a second, evenly; who comes too early waits. */
export function pace(perSecond: number): () => Promise<void> {
  const gapMs = 1000 / perSecond;
  let next = 0;
  return async () => {
    const now = performance.now();
    const at = Math.max(now, next);
    next = at + gapMs;
    // A timer fires late rather than early, by a millisecond at least.
    if (at - now >= 1) await sleep(at - now);
  };
}
