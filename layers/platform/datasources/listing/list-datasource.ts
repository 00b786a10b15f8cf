import type { Dataset } from '#contracts/items';
import { pathOf } from '#contracts/protocol/paths';
import { publicPath } from '../../access/public-object.ts';
import type { PublicTokens } from '../../access/public-tokens.ts';
import type { ReadableDatasource } from '../datasource-objects.ts';
import { type Datasource, leftByOthersUntil } from '../datasources.ts';
import { FILE_URL_SECONDS } from '../file-urls.ts';
import { type OpenDatasourceDeps, openDatasource } from '../open-datasource.ts';
import { checkRelativePath } from '../paths.ts';
import { type FilesInScope, listFiles } from './list-files.ts';
import { documentFolder, LISTED_SAMPLES, listedDocuments, relevantAmong } from './listed-files.ts';
import { cursorText, type ListingCursor, type ListingScope } from './listing-cursor.ts';
import { type NewAtDeps, newAtOfFiles } from './new-at.ts';
import type { RelevantLists } from './relevant-lists.ts';
import { splitListing } from './split-listing.ts';

export interface ListDatasourceDeps extends OpenDatasourceDeps, NewAtDeps {
  readonly relevantLists: RelevantLists;
  readonly publicTokens: Pick<PublicTokens, 'sign'>;
}

/** Redirected URLs outlive the credentials behind them, and a run that lists millions of files goes on for days. */
const REDIRECT_LIFE_MS = 7 * 24 * 60 * 60 * 1000;

export interface ListedRow {
  readonly fileName: string;
  readonly readUrl: string;
}
export interface ListedRows {
  readonly hasMore: boolean;
  /** For the next page; empty where there is none. */
  readonly cursor: string;
  readonly data: readonly ListedRow[];
}

/**
 * A page of the files of a datasource.
 * @param urls `redirectsFrom` is the API's base URL, where rows are to have URLs that lead through it. Behind an assumed
 * role they always do: what such a session signs works for an hour at most
 */
export async function listDatasource(
  dataset: Dataset,
  cursor: ListingCursor,
  urls: { readonly baseUrl: string; readonly areRedirected: boolean },
  deps: ListDatasourceDeps,
): Promise<ListedRows> {
  const { datasource, objects, files } = await openListing(dataset, cursor.scope, deps);
  const { names, next } = await listFiles(objects, files, cursor, deps.now);
  const isRedirected = urls.areRedirected || datasource.config.type === 'S3DelegatedAccess';
  const urlOf = isRedirected
    ? redirectedUrls(dataset.id, urls.baseUrl, deps)
    : (name: string) => objects.signRead('GET', name, FILE_URL_SECONDS);
  const data = await Promise.all(
    names.map(async (fileName) => ({ fileName, readUrl: await urlOf(fileName) })),
  );
  if (next === undefined) return { hasMore: false, cursor: '', data };
  return { hasMore: true, cursor: cursorText({ ...cursor, after: next }), data };
}

/** Cursors of parts of a listing, to be read side by side: every file is in exactly one of them. */
export async function splitDatasource(
  dataset: Dataset,
  scope: ListingScope,
  shards: number,
  deps: ListDatasourceDeps,
): Promise<string[]> {
  const { objects, files } = await openListing(dataset, scope, deps);
  const ranges = await splitListing(objects, files.relevant, shards);
  return ranges.map(({ after, until }) =>
    cursorText({ scope, ...(after !== undefined && { after }), ...(until !== undefined && { until }) }),
  );
}

async function openListing(
  dataset: Dataset,
  scope: ListingScope,
  deps: ListDatasourceDeps,
): Promise<{ datasource: Datasource; objects: ReadableDatasource; files: FilesInScope }> {
  const { kind, taskName, from, to } = scope;
  if (taskName !== undefined) checkRelativePath(taskName, 'taskName');
  const use = kind === 'samples' ? 'INPUT' : 'LIGHTLY';
  const listed = kind === 'samples' ? LISTED_SAMPLES : listedDocuments(documentFolder(kind, taskName));
  const { datasource, objects } = await openDatasource(dataset, use, deps);
  const openLightly = async () =>
    use === 'LIGHTLY' ? objects : (await openDatasource(dataset, 'LIGHTLY', deps)).objects;
  const samples = scope.relevant && (await deps.relevantLists.read(dataset.id, scope.relevant, openLightly));
  const relevant = relevantAmong(listed, samples);
  const leftUntil = leftByOthersUntil(dataset, datasource);
  const newAt = kind === 'samples' ? await newAtOfFiles(dataset, datasource, deps) : undefined;
  return { datasource, objects, files: { listed, relevant, from, to, leftUntil, newAt } };
}

function redirectedUrls(datasetId: string, baseUrl: string, { publicTokens, now }: ListDatasourceDeps) {
  const expiresAt = now() + REDIRECT_LIFE_MS;
  return async (path: string): Promise<string> => {
    const publicToken = await publicTokens.sign(publicPath(datasetId, path), expiresAt);
    const query = new URLSearchParams({ path, publicToken });
    return `${baseUrl}${pathOf('get_resource_read_url_redirect', { datasetId })}?${query}`;
  };
}
