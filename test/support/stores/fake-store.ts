import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { byUtf8Bytes } from '#platform/datasources/name-order';

/** A version of a file in a fake store. */
export interface StoredFile {
  readonly name: string;
  readonly body: Buffer;
  readonly lastModified: number;
  /** Grows with every write. */
  readonly version: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly isArchived?: boolean;
}

export interface FakeAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** What the requests of a fake server are answered from. */
export interface FakeFiles {
  readonly requests: string[];
  /** Answers of the next requests, before any is looked at. */
  readonly failures: FakeAnswer[];
  /** Names that nobody may read. */
  readonly denied: Set<string>;
  /** Of HTTP, that nobody may use. */
  readonly deniedMethods: Set<string>;
  put(name: string, body: string | Buffer, more?: Partial<StoredFile>): StoredFile;
  delete(name: string): boolean;
  /** The newest, or the one of that version. */
  find(name: string, version?: number): StoredFile | undefined;
  /** In the order of UTF-8 bytes. */
  list(prefix: string, from: string): StoredFile[];
}

function fakeFiles(): FakeFiles {
  const current = new Map<string, StoredFile>();
  const all: StoredFile[] = [];
  return {
    requests: [],
    failures: [],
    denied: new Set(),
    deniedMethods: new Set(),
    put: (name, body, more = {}) => {
      const version = 1_700_000_000_000_000 + all.length;
      const file = {
        ...{ name, body: Buffer.from(body), version, metadata: {} },
        lastModified: 1_700_000_000_000 + all.length * 1_000,
        ...more,
      };
      current.set(name, file);
      all.push(file);
      return file;
    },
    delete: (name) => current.delete(name),
    find: (name, version) =>
      version === undefined
        ? current.get(name)
        : all.find((file) => file.name === name && file.version === version),
    list: (prefix, from) =>
      [...current.values()]
        .filter(({ name }) => name.startsWith(prefix) && byUtf8Bytes(name, from) >= 0)
        .sort((a, b) => byUtf8Bytes(a.name, b.name)),
  };
}

export interface FakeStore {
  readonly url: string;
  readonly files: FakeFiles;
  stop(): Promise<void>;
}

export interface FakeRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** A server on loopback that answers from files in memory. */
export async function startFakeStore(
  answer: (request: FakeRequest, files: FakeFiles) => FakeAnswer | Promise<FakeAnswer>,
): Promise<FakeStore> {
  const files = fakeFiles();
  const respond = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const url = new URL(incoming.url ?? '/', `http://${incoming.headers.host}`);
    const method = incoming.method ?? 'GET';
    files.requests.push(`${method} ${incoming.url}`);
    const request = { method, url, headers: incoming.headers, body: Buffer.concat(chunks) };
    const refused = files.deniedMethods.has(method) ? { status: 403 } : files.failures.shift();
    const { status, headers = {}, body = '' } = refused ?? (await answer(request, files));
    const length = { 'content-length': String(headers['content-length'] ?? Buffer.byteLength(body)) };
    outgoing.writeHead(status, { ...headers, ...length }).end(method === 'HEAD' ? '' : body);
  };
  const server = createServer((incoming, outgoing) => {
    respond(incoming, outgoing).catch((error: Error) => outgoing.destroy(error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    files,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** `bytes=0-9` of a body. */
export function rangeOf(header: string | undefined, body: Buffer) {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined) return { status: 200, body, headers: {} };
  if (Number(first) >= body.length) return { status: 416, body: Buffer.alloc(0), headers: {} };
  const part = body.subarray(Number(first), last === '' ? undefined : Number(last) + 1);
  const range = `bytes ${first}-${Number(first) + part.length - 1}/${body.length}`;
  return { status: 206, body: part, headers: { 'content-range': range } };
}
