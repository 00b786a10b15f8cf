import type { SqsQueue } from './fauxqs-parts.ts';

/** Tells when a queue has something to receive, without asking it again and again. */
export interface QueueSignal {
  readonly queue: SqsQueue;
  /** Resolves when a message is visible, or with false when the signal is aborted. */
  readonly whenVisible: (signal: AbortSignal) => Promise<boolean>;
}

/** Node's timers hold 24 days; a queue's times are far below, and this is often enough for a moved clock. */
const LONGEST_SLEEP_MS = 60_000;

export function watchQueue(queue: SqsQueue, now: () => number): QueueSignal {
  let wake: () => void = () => undefined;
  // The store has no events, so its queue's own two ways of making a message visible are extended.
  const enqueue = queue.enqueue.bind(queue);
  queue.enqueue = (message) => {
    enqueue(message);
    wake();
  };
  const changeVisibility = queue.changeVisibility.bind(queue);
  queue.changeVisibility = (receiptHandle, seconds) => {
    changeVisibility(receiptHandle, seconds);
    wake();
  };
  return {
    queue,
    whenVisible: async (signal) => {
      while (!signal.aborted) {
        queue.processTimers();
        if (queue.messages.length > 0) return true;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.max(0, nextChange(queue) - now()));
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
          signal.addEventListener('abort', wake, { once: true });
        });
        signal.removeEventListener('abort', wake);
      }
      return false;
    },
  };

  function nextChange({ delayedMessages, inflightMessages }: SqsQueue): number {
    let next = now() + LONGEST_SLEEP_MS;
    for (const { delayUntil } of delayedMessages) next = Math.min(next, delayUntil ?? next);
    for (const { visibilityDeadline } of inflightMessages.values()) next = Math.min(next, visibilityDeadline);
    return next;
  }
}
