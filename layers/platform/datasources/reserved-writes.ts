import { InvalidInputError } from '#contracts/errors';
import { RESERVED_FOLDER } from '#contracts/s3-keys';
import type { WritableDatasource } from './datasource-objects.ts';
import { isRelativePath } from './paths.ts';

/** True of the names that Winnow writes in a datasource: below its `.lightly/`, however a store reads a path. */
export const isWritableName = (name: string): boolean =>
  name.startsWith(RESERVED_FOLDER) && name !== RESERVED_FOLDER && isRelativePath(name);

/**
 * A datasource in which nothing but `.lightly/` can be written, deleted, or signed to be written: what else is there are
 * images, which are somebody's originals.
 *
 * @throws InvalidInputError from each of its methods that write, for any other name
 */
export const writesReservedOnly = (objects: WritableDatasource): WritableDatasource => ({
  ...objects,
  put: async (name, ...what) => objects.put(checked(name), ...what),
  putIfAbsent: async (name, ...what) => objects.putIfAbsent(checked(name), ...what),
  delete: async (name) => objects.delete(checked(name)),
  signWrite: async (name, seconds) => objects.signWrite(checked(name), seconds),
});

function checked(name: string): string {
  checkWritableName(name);
  return name;
}

/** @throws InvalidInputError where it is no {@link isWritableName name that is written} */
export function checkWritableName(name: string): void {
  if (isWritableName(name)) return;
  throw new InvalidInputError(
    `In a datasource, Winnow writes only below '${RESERVED_FOLDER}', and not '${name.slice(0, 100)}'. Choose a name below it, ` +
      'or put the file there yourself.',
    { apiCode: 'DATASET_DATASOURCE_ILLEGAL_ACTION' },
  );
}
