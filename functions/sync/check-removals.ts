import { InvalidInputError } from '#contracts/errors';
import type { ReadableDatasource } from '#platform/datasources/datasource-objects';
import { isConfigured } from '#platform/datasources/datasources';
import { holdsNothing } from '#platform/syncs/empty-place';
import type { SyncWork } from './sync-work.ts';

/** Has to pass before the first image counts as gone. @throws InvalidInputError that says how to go on */
export type CheckRemovals = () => Promise<void>;

/**
 * A configured place that holds nothing at all is rather one whose path is mistyped, or whose disk is not mounted, than one
 * that was emptied. So nothing in it counts as gone before somebody says so. Asked once by each worker, and only where
 * something is missing.
 */
export function checkRemovals(objects: ReadableDatasource, work: SyncWork): CheckRemovals {
  const { datasource, begun } = work;
  if (begun.acceptRemovals || !isConfigured(datasource)) return async () => {};
  const check = async () => {
    if (!(await holdsNothing(objects))) return;
    // What was passed while it held nothing is to be listed once it holds something.
    work.tally.divide([]);
    throw new InvalidInputError(
      `Nothing is listed in '${datasource.config.fullPath}', and images of it are registered. None of them counts as gone ` +
        'before somebody says so. If the path is wrong, or the disk behind it is not mounted, put that right: it is listed ' +
        'again by itself. If they are really gone, run winnow datasources sync with --accept-removals.',
    );
  };
  let checked: Promise<void> | undefined;
  return () => {
    checked ??= check();
    return checked;
  };
}
