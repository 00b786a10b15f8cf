import { WinnowError } from '#contracts/errors';

/** Ended by whoever started it. */
export class InterruptedError extends WinnowError {
  constructor() {
    super('INTERRUPTED', 'Interrupted.');
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * A signal that aborts with an {@link InterruptedError} at the first Ctrl-C, so that what was started can be ended
 * and removed. The second Ctrl-C ends the process at once.
 */
export function listenForInterruption(): AbortSignal {
  const interruption = new AbortController();
  const interrupt = () => {
    for (const signal of SIGNALS) process.off(signal, interrupt);
    interruption.abort(new InterruptedError());
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  return interruption.signal;
}

/** Says on the way of an error that Ctrl-C was its reason, and what can be done now. */
export const noteInterruption =
  (signal: AbortSignal, note: () => void) =>
  (error: unknown): never => {
    if (signal.aborted) note();
    throw error;
  };
