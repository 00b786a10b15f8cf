import { Readable } from 'node:stream';
import type { WritableDatasource } from '#platform/datasources/datasource-objects';
import { byUtf8Bytes } from '#platform/datasources/name-order';

/** A datasource with these files, in memory. Counts the requests that it gets. */
export function datasourceWith(
  names: readonly string[],
  options: { readonly lastModified?: (name: string) => number } = {},
): WritableDatasource & { readonly requests: { lists: number; heads: number } } {
  const sorted = [...new Set(names)].sort(byUtf8Bytes);
  const known = new Set(names);
  const requests = { lists: 0, heads: 0 };
  const fileOf = (name: string) => ({
    ...{ name, size: 1, eTag: 'e', metadata: {}, tagCount: 0 },
    lastModified: options.lastModified?.(name) ?? 0,
  });
  const refuse = () => Promise.reject(new Error('A listing does not do this.'));
  return {
    requests,
    list: async ({ prefix, after, limit }) => {
      requests.lists += 1;
      const found = sorted.filter(
        (name) => name.startsWith(prefix) && (after === undefined || byUtf8Bytes(name, after) > 0),
      );
      return { files: found.slice(0, limit).map(fileOf), isLast: found.length <= limit };
    },
    head: async (name) => {
      requests.heads += 1;
      return known.has(name) ? fileOf(name) : undefined;
    },
    open: async (name) => ({ ...fileOf(name), body: Readable.from([]) }),
    tags: refuse,
    put: refuse,
    putIfAbsent: refuse,
    delete: refuse,
    signRead: refuse,
    signWrite: refuse,
  };
}
