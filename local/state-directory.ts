import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

const rememberedFile = z.object({
  seed: z.string(),
  ports: z.record(z.string(), z.number()).default({}),
  secrets: z.record(z.string(), z.string()).default({}),
});
/** What a local cloud keeps from run to run, apart from its data. */
export type Remembered = z.infer<typeof rememberedFile>;

export interface StateDirectory {
  readonly path: string;
  /** Removed at the end: nothing has to outlive the process. */
  readonly temporary: boolean;
  readonly remembered: Remembered;
  readonly save: () => void;
  /** Removes everything but the lock. */
  readonly clear: () => void;
  readonly release: () => void;
}

/** What the servers keep in a state directory. Other files in it are not ours to remove. */
const DATA = ['fauxqs.db', 'fauxqs.db-wal', 'fauxqs.db-shm', 'bodies', 'tables'];

/** Another process uses the state directory. */
export class StateInUseError extends Error {
  override readonly name = 'StateInUseError';
  constructor(path: string, cause: unknown) {
    super(`A local cloud is already running on ${path}. End it first, or choose another state directory.`, {
      cause,
    });
  }
}

/**
 * Opens a state directory for this process alone. Without a path it is a temporary one, which `release` removes.
 * @throws StateInUseError where another process has it
 */
export function openStateDirectory(path: string | undefined): StateDirectory {
  const directory = path ?? mkdtempSync(join(tmpdir(), 'winnow-state-'));
  mkdirSync(directory, { recursive: true });
  const unlock = lock(directory);
  const file = join(directory, 'local-cloud.json');
  const remembered = readRemembered(file);
  return {
    path: directory,
    temporary: path === undefined,
    remembered,
    save: () => {
      writeFileSync(`${file}.new`, JSON.stringify(remembered, undefined, 2), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    },
    clear: () => {
      for (const name of [file, ...DATA.map((each) => join(directory, each))]) {
        rmSync(name, { recursive: true, force: true });
      }
    },
    release: () => {
      unlock();
      if (path === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The lock is that of an open transaction, which the operating system ends with the process, however it ends. */
function lock(directory: string): () => void {
  const database = new DatabaseSync(join(directory, 'lock.db'));
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw new StateInUseError(directory, error);
  }
  return () => database.close();
}

function readRemembered(file: string): Remembered {
  try {
    return rememberedFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { seed: randomBytes(32).toString('hex'), ports: {}, secrets: {} };
  }
}
