import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  appended,
  type EmbeddingsTable,
  embeddingsLines,
  orderedAs,
  readEmbeddings,
  readEmbeddingsFile,
} from './embeddings-csv.ts';
import { EmbeddingDoesNotExistError } from './errors.ts';
import { collected } from './paging.ts';
import type { DatasetEmbeddingData } from './protocol.ts';
import { currentDatasetId, type Session, sampleMappings } from './session.ts';
import { downloadFile, readFromStorage, uploadFile } from './storage.ts';
import { timestampOf } from './timestamp.ts';
import type { Abortable } from './transport.ts';

/** Vectors of the samples of the dataset in use. */
export class Embeddings {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** All embeddings, the newest first. */
  async getAllEmbeddingData({ signal }: Abortable = {}): Promise<DatasetEmbeddingData[]> {
    const path = { datasetId: await currentDatasetId(this.#session, { signal }) };
    return this.#session.call('get_embeddings_by_dataset_id', { path }, { signal });
  }

  /** The embedding with exactly this name. @throws EmbeddingDoesNotExistError */
  async getEmbeddingDataByName(name: string, options: Abortable = {}): Promise<DatasetEmbeddingData> {
    return this.getEmbeddingByName(name, { ...options, ignoreSuffix: false });
  }

  /**
   * @param options `ignoreSuffix`: whether the beginning of the name is enough; `true` unless given
   * @throws EmbeddingDoesNotExistError
   */
  async getEmbeddingByName(
    name: string,
    { ignoreSuffix = true, signal }: { readonly ignoreSuffix?: boolean | undefined } & Abortable = {},
  ): Promise<DatasetEmbeddingData> {
    const all = await this.getAllEmbeddingData({ signal });
    const found = all.find((one) => (ignoreSuffix ? one.name.startsWith(name) : one.name === name));
    if (found) return found;
    throw new EmbeddingDoesNotExistError(`The dataset has no embedding with the name '${name}'.`);
  }

  /** Uses the newest embedding from now on. Returns its id. @throws EmbeddingDoesNotExistError where there is none */
  async setEmbeddingIdToLatest(options: Abortable = {}): Promise<string> {
    const [latest] = await this.getAllEmbeddingData(options);
    if (!latest) throw new EmbeddingDoesNotExistError('The dataset has no embeddings.');
    this.#session.embeddingId = latest.id;
    return latest.id;
  }

  /**
   * Uploads a CSV file of embeddings: a row for each sample of the dataset. Where embeddings of this name exist, those
   * of the file are added to them under a new name. The file stays as it is.
   * @throws InvalidArgumentError where it is not such a file
   */
  async uploadEmbeddings(csvPath: string, name: string, { signal }: Abortable = {}): Promise<void> {
    const { call, settings } = this.#session;
    const local = await readEmbeddingsFile(csvPath);
    const known = (await this.getAllEmbeddingData({ signal })).find((one) => one.name.startsWith(name));
    const table = known ? appended(await this.#read(known.id, { signal }), local) : local;
    const fileNames = await collected(sampleMappings(this.#session, 'fileName', { signal }));
    const lines = [...embeddingsLines(orderedAs(fileNames, table))];

    const path = { datasetId: await currentDatasetId(this.#session, { signal }) };
    const query = { name: known ? `${name}_${timestampOf(settings.now())}` : name };
    const target = await call('get_embeddings_csv_write_url_by_id', { path, query }, { signal });
    const transfer = {
      what: `the embeddings '${query.name}'`,
      url: async () => target.signedWriteUrl,
      signal,
    };
    await uploadFile(settings, transfer, new Blob(lines));
    this.#session.embeddingId = target.embeddingId;
    await this.#reduceDimensions(target.embeddingId, { signal });
  }

  /**
   * Adds the embeddings on the server to those of a CSV file, for the samples that the file has no row of. Changes the
   * file, not the server; `uploadEmbeddings` does both at once.
   * @throws InvalidArgumentError where the columns differ
   */
  async appendEmbeddings(csvPath: string, embeddingId: string, { signal }: Abortable = {}): Promise<void> {
    const local = await readEmbeddingsFile(csvPath);
    const table = appended(await this.#read(embeddingId, { signal }), local);
    const partial = join(dirname(csvPath), `.${randomUUID()}.part`);
    try {
      await writeFile(partial, embeddingsLines(table), { flag: 'wx' });
      await rename(partial, csvPath);
    } finally {
      await rm(partial, { force: true });
    }
  }

  async downloadEmbeddingsCsvById(
    embeddingId: string,
    outputPath: string,
    options: Abortable = {},
  ): Promise<void> {
    await downloadFile(this.#session.settings, await this.#transfer(embeddingId, options), outputPath);
  }

  /** Downloads the newest of the embeddings whose name begins with `default`. @throws EmbeddingDoesNotExistError */
  async downloadEmbeddingsCsv(outputPath: string, options: Abortable = {}): Promise<void> {
    const all = await this.getAllEmbeddingData(options);
    const latest = all
      .filter(({ name }) => name.startsWith('default'))
      .reduce<DatasetEmbeddingData | undefined>(
        (newest, one) => (newest && newest.createdAt > one.createdAt ? newest : one),
        undefined,
      );
    if (!latest) {
      throw new EmbeddingDoesNotExistError("The dataset has no embeddings whose name begins with 'default'.");
    }
    await this.downloadEmbeddingsCsvById(latest.id, outputPath, options);
  }

  async #read(embeddingId: string, options: Abortable): Promise<EmbeddingsTable> {
    const transfer = await this.#transfer(embeddingId, options);
    return readEmbeddings(readFromStorage(this.#session.settings, transfer), 'the file on the server');
  }

  async #transfer(embeddingId: string, { signal }: Abortable) {
    const path = { datasetId: await currentDatasetId(this.#session, { signal }), embeddingId };
    const url = () => this.#session.call('get_embeddings_csv_read_url_by_id', { path }, { signal });
    return { what: `the embeddings ${embeddingId}`, url, signal };
  }

  async #reduceDimensions(embeddingId: string, { signal }: Abortable): Promise<void> {
    const path = { datasetId: await currentDatasetId(this.#session, { signal }), embeddingId };
    for (const dimensionalityReductionMethod of ['PCA', 'TSNE', 'UMAP'] as const) {
      const body = { dimensionalityReductionMethod };
      await this.#session.call('trigger2d_embeddings_job', { path, body }, { signal });
    }
  }
}
