import { Readable } from 'node:stream';
import pMap from 'p-map';
import { InvalidInputError } from '#contracts/errors';
import type {
  DescribedFile,
  FileVersion,
  ReadableDatasource,
  WritableDatasource,
} from '#platform/datasources/datasource-objects';
import type { Datasource } from '#platform/datasources/datasources';
import type { GuardedAgents } from './address-guard.ts';
import {
  endless,
  entriesInPage,
  type FolderEntries,
  folderOf,
  namesBelow,
  notListed,
} from './folder-pages.ts';
import {
  askStore,
  failureOfNetwork,
  failureOfStatus,
  type StoreFailure,
  statusInError,
} from './store-errors.ts';
import { askWeb, type WebAnswer } from './web-requests.ts';

/** Files that are asked for at a time, to list them: a page of a folder has names and nothing else. */
const FILES_AT_ONCE = 16;
/** How long (ms) the page of a folder is used: listings read the same folder for each of their pages. */
const PAGE_LIFE_MS = 10_000;
/** How long (ms) a listing is, at most: folders within folders may have no end. */
const LONGEST_LISTING_MS = 120_000;

interface WebServer {
  /** With a slash at the end. */
  readonly url: string;
  ask(name: string, options: Parameters<typeof askWeb>[2]): Promise<WebAnswer | undefined>;
}

/**
 * The files that a web server of the datasource's owner serves (type LOCAL). They can be read, and listed where the server
 * makes a page with links of each folder. A URL of one is the same for everybody.
 * @param now ms
 */
export function webServerObjects(
  { place, use }: Pick<Datasource, 'place' | 'use'>,
  agents: GuardedAgents,
  now: () => number,
): ReadableDatasource | WritableDatasource {
  const url = `${place.bucket}/${encodedPath(place.prefix)}`;
  const server: WebServer = {
    url,
    ask: (name, options) =>
      askStore(
        { action: options.method, resource: url, holder: 'Winnow', isOfContainer: false },
        failureOfAnswer,
        async () => {
          const answer = await askWeb(url + encodedPath(name), agents, options);
          if (answer.status !== NO_SUCH_RANGE) return expectFound(answer);
          answer.body.destroy();
          return expectFound(await askWeb(url + encodedPath(name), agents, { method: options.method }));
        },
      ),
  };
  const head = async (name: string, version?: FileVersion): Promise<DescribedFile | undefined> => {
    const found = await server.ask(name, { method: 'HEAD' });
    found?.body.resume();
    return found && ofVersion(described(name, found), version);
  };
  const readable: ReadableDatasource = {
    head,
    list: listing(server, head, now),
    open: async (name, { bytes, ...version } = {}) => {
      const found = await server.ask(name, { method: 'GET', bytes });
      if (!found) return undefined;
      const file = ofVersion(described(name, found), version);
      if (!file) found.body.destroy();
      return file && { ...file, body: bytes === undefined ? found.body : firstBytes(found.body, bytes) };
    },
    tags: async () => undefined,
    signRead: async (_, name) => url + encodedPath(name),
  };
  return use === 'LIGHTLY' ? { ...readable, ...NOT_WRITTEN } : readable;
}

const encodedPath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

function listing(
  server: WebServer,
  head: ReadableDatasource['head'],
  now: () => number,
): ReadableDatasource['list'] {
  let kept: { readonly folder: string; readonly at: number; readonly entries: FolderEntries } | undefined;
  const readFolder = async (folder: string): Promise<FolderEntries | undefined> => {
    if (kept?.folder === folder && now() - kept.at < PAGE_LIFE_MS) return kept.entries;
    const page = await server.ask(folder, { method: 'GET' });
    if (!page && folder === '') throw notListed(server.url);
    const entries = page && (await entriesInPage(server.url + encodedPath(folder), page));
    kept = entries && { folder, at: now(), entries };
    return entries;
  };
  return async ({ prefix, after, limit }) => {
    let position = after;
    const end = now() + LONGEST_LISTING_MS;
    const readInTime = async (folder: string) => {
      if (now() > end) throw endless(server.url);
      return readFolder(folder);
    };
    for (;;) {
      const names: string[] = [];
      for await (const name of namesBelow(folderOf(prefix), { prefix, after: position }, readInTime)) {
        names.push(name);
        if (names.length > limit) break;
      }
      const isLast = names.length <= limit;
      const asked = names.slice(0, limit);
      const files = await pMap(asked, (name) => head(name), { concurrency: FILES_AT_ONCE });
      const found = files.filter((file) => file !== undefined);
      // A page of links that lead nowhere is not the end.
      if (found.length > 0 || isLast) return { files: found, isLast };
      position = asked.at(-1);
    }
  };
}

/** An empty file has no first byte. */
const NO_SUCH_RANGE = 416;

/** An answer that is none of a file, as an error. */
function expectFound(answer: WebAnswer): WebAnswer {
  if (answer.status === 200 || answer.status === 206) return answer;
  answer.body.destroy();
  throw Object.assign(new Error('The web server has refused.'), { status: answer.status });
}

/** Its address is the tenant's to name: that nothing answers there is theirs to put right, and no message fails for it. */
const failureOfAnswer = (error: unknown): StoreFailure | undefined =>
  failureOfStatus(statusInError(error)) ?? (failureOfNetwork(error) && 'unknown host');

function described(name: string, { headers, status }: WebAnswer): DescribedFile {
  const whole = status === 206 ? headers['content-range']?.split('/')[1] : headers['content-length'];
  const told = Number(whole);
  const size = Number.isSafeInteger(told) && told >= 0 ? told : 0;
  const lastModified = Math.max(Date.parse(headers['last-modified'] ?? '') || 0, 0);
  // Simple servers have no eTags. A file that changes twice within a second and keeps its size is missed.
  const eTag = headers.etag?.replace(/^W\//, '').replaceAll('"', '') ?? `${lastModified}-${size}`;
  return { ...{ name, size, lastModified, eTag, metadata: {}, tagCount: 0 } };
}

const ofVersion = (file: DescribedFile, { versionId, eTag }: FileVersion = {}): DescribedFile | undefined =>
  versionId !== undefined || (eTag !== undefined && eTag !== file.eTag) ? undefined : file;

/** Servers need not know ranges. What comes after is not read. */
const firstBytes = (body: Readable, bytes: number): Readable =>
  Readable.from(cut(body, bytes), { objectMode: false });

async function* cut(body: Readable, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}

const refuse = (): Promise<never> =>
  Promise.reject(
    new InvalidInputError(
      'Nothing can be written to a web server (datasource of type LOCAL). Use another type for LIGHTLY.',
      { apiCode: 'DATASET_DATASOURCE_ACTION_NOT_IMPLEMENTED' },
    ),
  );
const NOT_WRITTEN = { put: refuse, putIfAbsent: refuse, delete: refuse, signWrite: refuse };
