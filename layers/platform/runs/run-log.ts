import { InvalidInputError } from '#contracts/errors';
import type { Run } from '#contracts/items';
import type { LogLine } from '#contracts/run-files';
import type { RunState } from '#contracts/run-states';
import { checkIsExternal } from './external-runs.ts';
import { stateLine } from './log-lines.ts';
import type { RunLogStore } from './run-files.ts';

/** Bytes of one call; and of one line, so that some fit together into an item. */
const MOST_BYTES = 1024 * 1024;
const MOST_LINE_BYTES = 100_000;
/** More lines than any log has. */
const MOST_LINES = 999_999_999_999;
/** Lines of one answer. */
const LINES_PER_READ = 1_000;

interface LogDeps {
  readonly runLogs: RunLogStore;
}

/** A line as a worker sends it: without a state it is of the one that the run is in. */
export type SentLine = Omit<LogLine, 'state'> & { readonly state?: RunState };

/**
 * Appends to the log of a run of another worker than the built-in one.
 * @throws InvalidInputError where it is too much at a time; ForbiddenError
 */
export async function appendToLog(run: Run, sent: readonly SentLine[], { runLogs }: LogDeps): Promise<void> {
  if (run.workerId === undefined) checkIsExternal(run);
  const lines = sent.map((line) => ({ ...line, state: line.state ?? run.state }));
  let bytes = 0;
  for (const [at, line] of lines.entries()) {
    const size = Buffer.byteLength(JSON.stringify(line));
    if (size > MOST_LINE_BYTES)
      throw new InvalidInputError(`$[${at}]: must have at most ${MOST_LINE_BYTES} bytes.`);
    bytes += size;
  }
  if (bytes > MOST_BYTES)
    throw new InvalidInputError(`$: must have at most ${MOST_BYTES} bytes. Send less at a time.`);
  await runLogs.append(run.id, lines);
}

/**
 * The log of a run from line number `cursor` on, and the cursor to go on with; where that is the same, there is nothing
 * new. The log of a run from before logs were kept are its messages.
 */
export async function readLog(
  run: Run,
  cursor: number,
  { runLogs }: LogDeps,
): Promise<{ readonly cursor: number; readonly logs: readonly LogLine[] }> {
  const from = Math.min(cursor, MOST_LINES);
  const logs =
    run.isExternal || run.hasLog
      ? await runLogs.read(run.id, from, LINES_PER_READ)
      : run.messages.slice(from).map(lineOf);
  return { cursor: from + logs.length, logs };
}

const lineOf = (message: Run['messages'][number]): LogLine => ({ ...stateLine(message), origin: 'winnow' });
