import { existsSync, watch } from 'node:fs';

/** Editors write a file in several steps. */
const SETTLE_MS = 150;

/**
 * Calls back after sources changed, one call at a time; changes during a call lead to one more.
 * A call that fails is reported, and watching goes on.
 * @returns ends watching and waits for a call that is under way
 */
export function watchSources(paths: readonly string[], onChange: () => Promise<void>): () => Promise<void> {
  let settling: NodeJS.Timeout | undefined;
  let calling: Promise<void> = Promise.resolve();
  let waiting = false;
  const call = () => {
    if (waiting) return;
    waiting = true;
    calling = calling
      .then(() => {
        waiting = false;
        return onChange();
      })
      .catch((error: unknown) => console.error(error instanceof Error ? error.message : String(error)));
  };
  const watchers = paths
    .filter((path) => existsSync(path))
    .map((path) =>
      watch(path, { recursive: true }, () => {
        clearTimeout(settling);
        settling = setTimeout(call, SETTLE_MS);
      }),
    );
  return async () => {
    for (const watcher of watchers) watcher.close();
    clearTimeout(settling);
    await calling;
  };
}
