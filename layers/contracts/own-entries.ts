/** What a record has of its own under a name: tasks, classes and keys that users choose may be called `constructor`. */
export const ownEntry = <T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;

/** What is at a dotted path of nested records; undefined where there is nothing. */
export function valueAtPath(record: unknown, path: string): unknown {
  let value = record;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = ownEntry(value as Readonly<Record<string, unknown>>, name);
  }
  return value;
}
