import { DatasourceError } from '#contracts/errors';
import { afterAllWith, byUtf8Bytes } from '#platform/datasources/name-order';
import { isRelativePath } from '#platform/datasources/paths';
import type { WebAnswer } from './web-requests.ts';

/** Bytes of the page of one folder, which is read as a whole: some hundred thousand names. */
const LONGEST_PAGE_BYTES = 64 * 1024 * 1024;

/** How long (ms) a page may take to come, even where it never falls silent. */
const LONGEST_PAGE_MS = 60_000;

/** What is in one folder: names, those of folders with a slash at the end, in the order of their bytes. */
export type FolderEntries = readonly string[];

/** Reads the entries of a folder, by its path below the datasource; undefined where there is no such folder. */
export type ReadFolder = (folder: string) => Promise<FolderEntries | undefined>;

/**
 * Names of files below a folder, in the order of their UTF-8 bytes: those that begin with `prefix` and come after `after`.
 * Only folders that may have some are read, each as a whole.
 */
export async function* namesBelow(
  folder: string,
  wanted: { readonly prefix: string; readonly after: string | undefined },
  readFolder: ReadFolder,
): AsyncGenerator<string> {
  const { prefix, after } = wanted;
  for (const entry of (await readFolder(folder)) ?? []) {
    const path = folder + entry;
    const isFolder = entry.endsWith('/');
    const last = isFolder ? afterAllWith(path) : path;
    if (after !== undefined && byUtf8Bytes(last, after) <= 0) continue;
    if (!path.startsWith(prefix) && !(isFolder && prefix.startsWith(path))) continue;
    if (isFolder) yield* namesBelow(path, wanted, readFolder);
    else yield path;
  }
}

/** Where names that begin with a prefix can be: the folder that it ends in. */
export const folderOf = (prefix: string): string => prefix.slice(0, prefix.lastIndexOf('/') + 1);

/**
 * The entries in the page that a web server makes of a folder: the links that lead to something right below it. Servers of
 * Python, nginx and Apache make such pages.
 *
 * @param url of the folder, with a slash at the end
 * @throws DatasourceError where it is not such a page
 */
export async function entriesInPage(url: string, { headers, body }: WebAnswer): Promise<FolderEntries> {
  if (!/^text\/html\b/i.test(headers['content-type'] ?? '')) {
    body.destroy();
    throw notListed(url);
  }
  const html = await textOf(url, body);
  const entries = new Set<string>();
  for (const [, attributes = ''] of html.matchAll(LINK)) {
    const [, doubled, single, bare] = HREF.exec(attributes) ?? [];
    const entry = entryOf(url, (doubled ?? single ?? bare ?? '').replaceAll('&amp;', '&'));
    if (entry !== undefined) entries.add(entry);
  }
  return [...entries].sort(byUtf8Bytes);
}

/** Neither looks at any character again and again: pages are written by others, and may be as long as they like. */
const LINK = /<a(\s[^<>]{0,8192})/gi;
const HREF = /\shref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))/i;

/** Undefined for what leads elsewhere: to another server, upwards, deeper, or to the same page in another order. */
function entryOf(url: string, link: string): string | undefined {
  const target = URL.canParse(link, url) ? new URL(link, url) : undefined;
  const folder = new URL(url);
  if (target?.origin !== folder.origin || !target.pathname.startsWith(folder.pathname)) return undefined;
  const entry = decoded(target.pathname.slice(folder.pathname.length));
  const name = entry?.replace(/\/$/, '') ?? '';
  return name !== '' && !name.includes('/') && isRelativePath(name) ? entry : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

async function textOf(url: string, body: WebAnswer['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const timer = setTimeout(() => body.destroy(endless(url)), LONGEST_PAGE_MS);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > LONGEST_PAGE_BYTES) throw notListed(url);
      chunks.push(chunk);
    }
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks).toString();
}

/** A server can make up folders for as long as it is asked. */
export const endless = (url: string): DatasourceError =>
  new DatasourceError(
    `The web server does not come to an end with listing ${url}. Correct fullPath, or see that its folders can be listed faster.`,
    { code: 'MISCONFIGURED', scope: 'datasource', action: 'GET', resource: url },
  );

/** Files can be read by name where they can't be listed. */
export const notListed = (url: string): DatasourceError =>
  new DatasourceError(
    `The web server does not list the files in ${url}, so they can only be read by name. Have it make a page with ` +
      'links for each folder, as lightly-serve does, or correct fullPath.',
    { code: 'MISCONFIGURED', scope: 'datasource', action: 'GET', resource: url },
  );
