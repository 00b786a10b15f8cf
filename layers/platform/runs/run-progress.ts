import type { Run } from '#contracts/items';
import { RUN_STATES, type RunState } from '#contracts/run-states';

/** True where a run is in `state` or beyond it. Not meant for end states other than COMPLETED. */
export const hasReached = (run: Run, state: RunState): boolean =>
  RUN_STATES.indexOf(run.state) >= RUN_STATES.indexOf(state);

/** When (ms) a run entered a state, if it did. */
export const messageAt = (run: Run, state: RunState): number | undefined =>
  run.messages.find((entry) => entry.state === state)?.at;

/**
 * From here on a run is carried out to its end: what it writes can be seen, so a request to cancel it comes too
 * late.
 */
export const POINT_OF_NO_RETURN: RunState = 'SAVING_RESULTS';
