import { Readable } from 'node:stream';
import type { WritableDatasource } from '#platform/datasources/datasource-objects';
import { byUtf8Bytes } from '#platform/datasources/name-order';

/** A LIGHTLY datasource in memory with these files; what is no text is written as JSON. Counts the requests. */
export function lightlyFolder(contents: Readonly<Record<string, unknown>>) {
  const files = new Map(
    Object.entries(contents).map(([name, content]) => [
      `.lightly/${name}`,
      Buffer.isBuffer(content)
        ? content
        : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)),
    ]),
  );
  const sorted = [...files.keys()].sort(byUtf8Bytes);
  const requests = { lists: 0, opened: [] as string[] };
  const fileOf = (name: string) => ({
    ...{ name, size: files.get(name)?.length ?? 0, lastModified: 0 },
    ...{ eTag: 'e', metadata: {}, tagCount: 0 },
  });
  const refuse = () => Promise.reject(new Error('A run only lists and reads.'));
  const objects: WritableDatasource = {
    list: async ({ prefix, after = '', limit }) => {
      requests.lists += 1;
      const found = sorted.filter((name) => name.startsWith(prefix) && byUtf8Bytes(name, after) > 0);
      return { files: found.slice(0, limit).map(fileOf), isLast: found.length <= limit };
    },
    open: async (name) => {
      requests.opened.push(name);
      const content = files.get(name);
      return content && { ...fileOf(name), body: Readable.from(content.length > 0 ? [content] : []) };
    },
    head: async (name) => (files.has(name) ? fileOf(name) : undefined),
    tags: refuse,
    put: refuse,
    putIfAbsent: refuse,
    delete: refuse,
    signRead: refuse,
    signWrite: refuse,
  };
  return { objects, requests };
}
