import { RetryableError } from '#contracts/errors';
import { RESERVED_FOLDER } from '#contracts/s3-keys';
import type { ReadableDatasource } from '../datasources/datasource-objects.ts';
import { afterAllWith } from '../datasources/name-order.ts';

/**
 * True where a datasource has no object but those of `.lightly/` at its root and those that only stand for folders, whatever
 * its filter says. Takes one listing request, unless there are more of these.
 */
export async function holdsNothing(objects: Pick<ReadableDatasource, 'list'>): Promise<boolean> {
  let after: string | undefined;
  for (;;) {
    const page = await objects.list({ prefix: '', after, limit: 1_000 });
    if (page.files.some(({ name }) => !name.startsWith(RESERVED_FOLDER) && !name.endsWith('/'))) return false;
    if (page.isLast) return true;
    const last = page.files.at(-1)?.name;
    const next = last?.startsWith(RESERVED_FOLDER) ? afterAllWith(RESERVED_FOLDER) : last;
    if (next === undefined || next === after) {
      throw new RetryableError('EMPTY_PAGE', 'A page of a listing has nothing new and is not the last.');
    }
    after = next;
  }
}
