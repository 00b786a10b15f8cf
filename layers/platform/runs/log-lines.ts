import type { Run } from '#contracts/items';
import type { LogLine } from '#contracts/run-files';
import type { RunState } from '#contracts/run-states';
import type { Load, NotedLine } from './log-writer.ts';

/** Lines that tell of a new state; what else is in a log is of another group. */
export const STATE_GROUP = 'run';

/** The line of a log that tells of a message of a run. */
export const stateLine = ({ at, state, message }: Run['messages'][number]): NotedLine & { ts: number } => ({
  ts: at,
  level: levelOf(state),
  group: STATE_GROUP,
  msg: message,
  state,
});

function levelOf(state: RunState): LogLine['level'] {
  if (state === 'ABORTED') return 'WARNING';
  return state === 'FAILED' || state === 'CRASHED' ? 'ERROR' : 'INFO';
}

/** How much of a state is done. */
export const progressLine = (state: RunState, msg: string, load: Load): NotedLine => ({
  ...{ level: 'INFO', group: 'progress', msg, state, load },
});

/** What is odd. */
export const warningLine = (state: RunState, msg: string): NotedLine => ({
  ...{ level: 'WARNING', group: 'warning', msg, state },
});
