import type { LogLine } from '#contracts/run-files';
import type { RunState } from '#contracts/run-states';

/** Share of the processors and of the memory that a worker may use, 0 to 100. */
export interface Load {
  readonly cpu: number;
  readonly mem: number;
}

/** A line without what the writer knows by itself. */
export type NotedLine = Pick<LogLine, 'level' | 'group' | 'msg' | 'state' | 'load'> & {
  /** ms; @default now */
  readonly ts?: number;
};

/** Gathers the lines of a run's log and sends them off in the order in which they were noted. */
export interface LogWriter {
  note(line: NotedLine): void;
  /** A line that tells of the worker's load and nothing else. */
  noteLoad(state: RunState): void;
  /** Sends what was noted so far. Never fails: lines that could not be sent stay for the next time. */
  flush(): Promise<void>;
}

export interface LogWriterDeps {
  readonly send: (lines: readonly LogLine[]) => Promise<void>;
  readonly load: () => Load;
  readonly onFailure: (error: unknown) => void;
  /** ms */
  readonly now: () => number;
}

/** Who writes the log of a run. */
const ORIGIN = 'winnow';
/** What one call sends; the API takes a mebibyte. */
const MOST_BYTES_PER_CALL = 500_000;
/** A line is one sentence; what quotes a whole file is cut. */
const LONGEST_TEXT = 4_000;
/** Of lines that can't be sent, the newest are kept. */
const MOST_WAITING = 20_000;

export function logWriter({ send, load, onFailure, now }: LogWriterDeps): LogWriter {
  let waiting: LogLine[] = [];
  let sending: Promise<void> = Promise.resolve();
  const note = ({ ts = now(), msg, ...line }: NotedLine): void => {
    waiting.push({ ts, origin: ORIGIN, msg: msg.slice(0, LONGEST_TEXT), ...line });
    if (waiting.length > MOST_WAITING) waiting = waiting.slice(-MOST_WAITING);
  };
  const sendWaiting = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = firstBatch(waiting);
      try {
        await send(batch);
      } catch (error) {
        onFailure(error);
        return;
      }
      waiting = waiting.slice(batch.length);
    }
  };
  return {
    note,
    noteLoad: (state) => {
      const { cpu, mem } = load();
      const msg = `CPU ${Math.round(cpu)} %, memory ${Math.round(mem)} %.`;
      note({ level: 'VERBOSE', group: 'load', msg, state, load: { cpu, mem } });
    },
    flush: () => {
      sending = sending.then(sendWaiting);
      return sending;
    },
  };
}

function firstBatch(lines: readonly LogLine[]): LogLine[] {
  let bytes = 0;
  const end = lines.findIndex((line) => {
    bytes += Buffer.byteLength(JSON.stringify(line)) + 1;
    return bytes > MOST_BYTES_PER_CALL;
  });
  return lines.slice(0, end < 0 ? lines.length : Math.max(1, end));
}
