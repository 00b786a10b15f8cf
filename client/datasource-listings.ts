import { ApiWorkflowError, InvalidArgumentError } from './errors.ts';
import { interleave } from './interleave.ts';
import { collected } from './paging.ts';
import { progressCounter, type Watchable } from './progress.ts';
import { currentDatasetId, type Session } from './session.ts';
import type { Abortable, CallOptions } from './transport.ts';

/** A file of a datasource, and a URL that it can be read at for some time. */
export interface RawFile {
  readonly fileName: string;
  readonly readUrl: string;
}

/** Times in whole seconds since 1970; both ends are part of the range. */
export interface RawSampleListing extends Abortable, Watchable {
  /** @default 0 */
  readonly from?: number | undefined;
  /** @default now */
  readonly to?: number | undefined;
  /** A file under `.lightly/` with the names of the files to list. */
  readonly relevantFilenamesFileName?: string | undefined;
  /** How many parts are listed at the same time. @default 1 */
  readonly divideAndConquerShards?: number | undefined;
  /** Whether the URLs lead to the files through the API, and so last longer. @default false */
  readonly useRedirectedReadUrl?: boolean | undefined;
}

export interface RawFileListing extends RawSampleListing {
  /** The run whose artifact names the files to list; given together with `relevantFilenamesArtifactId`. */
  readonly runId?: string | undefined;
  readonly relevantFilenamesArtifactId?: string | undefined;
}

type ListingQuery = Readonly<Record<string, string | number | boolean | undefined>>;
interface ListedPage {
  readonly hasMore: boolean;
  readonly cursor: string;
  readonly data: readonly RawFile[];
}

/** How one kind of file is listed: the cursors that divide a listing, and the page that a cursor stands for. */
interface Listing {
  readonly cursors: (query: ListingQuery & { dncShards: number }, options: CallOptions) => Promise<string[]>;
  readonly page: (query: ListingQuery & { cursor: string }, options: CallOptions) => Promise<ListedPage>;
}

/** What is in the datasources of the dataset in use. */
export class DatasourceListings {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** The images that were added or changed in a time. */
  async downloadRawSamples(options: RawSampleListing = {}): Promise<RawFile[]> {
    return collected(this.downloadRawSamplesIter(options));
  }

  /** As `downloadRawSamples`, page by page. */
  async *downloadRawSamplesIter(options: RawSampleListing = {}): AsyncGenerator<RawFile, void> {
    const { call } = this.#session;
    const path = { datasetId: await currentDatasetId(this.#session, options) };
    const list = 'get_list_of_raw_samples_from_datasource_by_dataset_id';
    const divide = 'get_divide_and_conquer_list_of_raw_samples_from_datasource_by_dataset_id';
    yield* this.#list(
      options,
      {},
      {
        cursors: async (query, how) => (await call(divide, { path, query }, how)).cursors,
        page: (query, how) => call(list, { path, query }, how),
      },
    );
  }

  /** The prediction files of a task. */
  async downloadRawPredictions(taskName: string, options: RawFileListing = {}): Promise<RawFile[]> {
    return collected(this.downloadRawPredictionsIter(taskName, options));
  }

  /** As `downloadRawPredictions`, page by page. */
  async *downloadRawPredictionsIter(
    taskName: string,
    options: RawFileListing = {},
  ): AsyncGenerator<RawFile, void> {
    const { call } = this.#session;
    const path = { datasetId: await currentDatasetId(this.#session, options) };
    const list = 'get_list_of_raw_samples_predictions_from_datasource_by_dataset_id';
    const divide = 'get_divide_and_conquer_list_of_raw_samples_predictions_from_datasource_by_dataset_id';
    yield* this.#list(options, relevantFilesOf(options), {
      cursors: async (query, how) =>
        (await call(divide, { path, query: { ...query, taskName } }, how)).cursors,
      page: (query, how) => call(list, { path, query: { ...query, taskName } }, how),
    });
  }

  /** The metadata files. */
  async downloadRawMetadata(options: RawFileListing = {}): Promise<RawFile[]> {
    return collected(this.downloadRawMetadataIter(options));
  }

  /** As `downloadRawMetadata`, page by page. */
  async *downloadRawMetadataIter(options: RawFileListing = {}): AsyncGenerator<RawFile, void> {
    const { call } = this.#session;
    const path = { datasetId: await currentDatasetId(this.#session, options) };
    const list = 'get_list_of_raw_samples_metadata_from_datasource_by_dataset_id';
    const divide = 'get_divide_and_conquer_list_of_raw_samples_metadata_from_datasource_by_dataset_id';
    yield* this.#list(options, relevantFilesOf(options), {
      cursors: async (query, how) => (await call(divide, { path, query }, how)).cursors,
      page: (query, how) => call(list, { path, query }, how),
    });
  }

  /** The images since the last call of this method, or of `updateProcessedUntilTimestamp`. */
  async downloadNewRawSamples(
    options: Pick<
      RawSampleListing,
      'divideAndConquerShards' | 'useRedirectedReadUrl' | 'signal' | 'onProgress'
    > = {},
  ): Promise<RawFile[]> {
    const processedUntil = await this.getProcessedUntilTimestamp(options);
    const from = processedUntil === 0 ? 0 : processedUntil + 1;
    const to = this.#nowInSeconds();
    const files = await this.downloadRawSamples({ ...options, from, to });
    await this.updateProcessedUntilTimestamp(to, options);
    return files;
  }

  /** Whole seconds since 1970; 0 where nothing has been processed yet. */
  async getProcessedUntilTimestamp({ signal }: Abortable = {}): Promise<number> {
    const path = { datasetId: await currentDatasetId(this.#session, { signal }) };
    const operation = 'get_datasource_processed_until_timestamp_by_dataset_id';
    const { processedUntilTimestamp } = await this.#session.call(
      operation,
      { path },
      { signal, repeated: true },
    );
    return processedUntilTimestamp;
  }

  /** @param timestamp whole seconds since 1970 */
  async updateProcessedUntilTimestamp(timestamp: number, { signal }: Abortable = {}): Promise<void> {
    const path = { datasetId: await currentDatasetId(this.#session, { signal }) };
    const body = { processedUntilTimestamp: timestamp };
    const operation = 'update_datasource_processed_until_timestamp_by_dataset_id';
    await this.#session.call(operation, { path, body }, { signal, repeated: true });
  }

  /** URL of a prediction file, given as `<task>/<name>.json`. */
  async getPredictionReadUrl(fileName: string, { signal }: Abortable = {}): Promise<string> {
    const path = { datasetId: await currentDatasetId(this.#session, { signal }) };
    const operation = 'get_prediction_file_read_url_from_datasource_by_dataset_id';
    return this.#session.call(operation, { path, query: { fileName } }, { signal });
  }

  /** URL of a metadata file. */
  async getMetadataReadUrl(fileName: string, { signal }: Abortable = {}): Promise<string> {
    const path = { datasetId: await currentDatasetId(this.#session, { signal }) };
    const operation = 'get_metadata_file_read_url_from_datasource_by_dataset_id';
    return this.#session.call(operation, { path, query: { fileName } }, { signal });
  }

  /** URL of a file of one's own embeddings. */
  async getCustomEmbeddingReadUrl(fileName: string, { signal }: Abortable = {}): Promise<string> {
    const path = { datasetId: await currentDatasetId(this.#session, { signal }) };
    const operation = 'get_custom_embedding_file_read_url_from_datasource_by_dataset_id';
    return this.#session.call(operation, { path, query: { fileName } }, { signal });
  }

  async *#list(
    options: RawSampleListing,
    relevantFiles: ListingQuery,
    listing: Listing,
  ): AsyncGenerator<RawFile, void> {
    const { from = 0, to = this.#nowInSeconds(), divideAndConquerShards = 1, signal, onProgress } = options;
    const how = { signal, repeated: true };
    const limits = { ...relevantFiles, relevantFilenamesFileName: options.relevantFilenamesFileName };
    const dncShards = Math.max(1, divideAndConquerShards);
    const cursors = await listing.cursors({ from, to, dncShards, ...limits }, how);
    if (cursors.length === 0) throw new ApiWorkflowError('The server divided the listing into no parts.');

    const { useRedirectedReadUrl = false } = options;
    const query = { ...limits, useRedirectedReadUrl };
    const count = progressCounter(onProgress);
    const isWanted = wantedNames(this.#session.settings.onWarning);
    for await (const files of interleave(cursors.map((cursor) => pagesOf(listing, cursor, query, how)))) {
      count(files.length);
      for (const { fileName, readUrl } of files) if (isWanted(fileName)) yield { fileName, readUrl };
    }
  }

  #nowInSeconds(): number {
    return Math.floor(this.#session.settings.now() / 1000);
  }
}

async function* pagesOf(
  listing: Listing,
  first: string,
  query: ListingQuery,
  options: CallOptions,
): AsyncGenerator<readonly RawFile[], void> {
  for (let cursor: string | undefined = first; cursor; ) {
    const page: ListedPage = await listing.page({ ...query, cursor }, options);
    yield page.data;
    cursor = page.hasMore ? page.cursor : undefined;
  }
}

function relevantFilesOf({ runId, relevantFilenamesArtifactId }: RawFileListing): ListingQuery {
  if ((runId === undefined) !== (relevantFilenamesArtifactId === undefined)) {
    throw new InvalidArgumentError(
      "'runId' and 'relevantFilenamesArtifactId' are given together: the artifact belongs to the run.",
    );
  }
  return { relevantFilenamesRunId: runId, relevantFilenamesArtifactId };
}

/** A list of relevant file names may hold what is no file of a bucket, and a name twice. */
function wantedNames(warn: (message: string) => void): (fileName: string) => boolean {
  const seen = new Set<string>();
  return (fileName) => {
    if (/^(\/|\.\.?\/)/.test(fileName)) {
      warn(
        `'${fileName}' is left out: names of files are relative to the datasource, without './' and '../'.`,
      );
      return false;
    }
    if (seen.has(fileName)) {
      warn(`'${fileName}' is listed twice; the second is left out.`);
      return false;
    }
    seen.add(fileName);
    return true;
  };
}
