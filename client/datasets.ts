import { ApiError, DatasetDoesNotExistError, InvalidArgumentError } from './errors.ts';
import { collected, paginate } from './paging.ts';
import type { DatasetData, DatasetType } from './protocol.ts';
import { currentDatasetId, type Session, sampleMappings } from './session.ts';
import type { Abortable } from './transport.ts';

export interface WhoseDatasets extends Abortable {
  /** `false`: one's own; `true`: those of others that one may use; `null`: both. @default false */
  readonly shared?: boolean | null | undefined;
}

export interface NewDataset extends Abortable {
  /** @default 'Images' */
  readonly type?: DatasetType | undefined;
}

/** Datasets, and which of them is in use. */
export class Datasets {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Id of the dataset in use. Where none was chosen, the one that was changed last is, with a warning. */
  async getDatasetId(options: Abortable = {}): Promise<string> {
    return currentDatasetId(this.#session, options);
  }

  /**
   * Chooses the dataset that all further calls are about.
   * @throws DatasetDoesNotExistError
   */
  async setDatasetId(datasetId: string, options: Abortable = {}): Promise<void> {
    if (!(await this.datasetExists(datasetId, options))) {
      throw new DatasetDoesNotExistError(`There is no dataset with the id ${datasetId}.`);
    }
    this.#session.datasetId = datasetId;
  }

  /**
   * Chooses the dataset that all further calls are about by its name; among several the first, with a warning.
   * @throws DatasetDoesNotExistError
   */
  async setDatasetIdByName(datasetName: string, options: WhoseDatasets = {}): Promise<void> {
    const [first, ...others] = await this.getDatasetsByName(datasetName, options);
    if (!first) {
      throw new DatasetDoesNotExistError(
        `There is no dataset with the name '${datasetName}': create it with createDataset().`,
      );
    }
    this.#session.datasetId = first.id;
    if (others.length === 0) return;
    const ids = others.map(({ id }) => id).join(', ');
    const hint =
      options.shared === false || options.shared === undefined
        ? ''
        : " With 'shared: false' only your own are considered.";
    this.#session.settings.onWarning(
      `${others.length + 1} datasets have the name '${datasetName}'; ${first.id} is used, not ${ids}.${hint}`,
    );
  }

  /** Type of the dataset in use. */
  async getDatasetType(options: Abortable = {}): Promise<DatasetType> {
    const { type } = await this.getDatasetById(await this.getDatasetId(options), options);
    return type;
  }

  async datasetExists(datasetId: string, options: Abortable = {}): Promise<boolean> {
    try {
      await this.getDatasetById(datasetId, options);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return false;
      throw error;
    }
  }

  async datasetNameExists(datasetName: string, options: WhoseDatasets = {}): Promise<boolean> {
    return (await this.getDatasetsByName(datasetName, options)).length > 0;
  }

  /** @throws DatasetNotFoundError */
  async getDatasetById(datasetId: string, options: Abortable = {}): Promise<DatasetData> {
    return this.#session.call('get_dataset_by_id', { path: { datasetId } }, options);
  }

  /** Datasets with exactly this name. */
  async getDatasetsByName(datasetName: string, options: WhoseDatasets = {}): Promise<DatasetData[]> {
    const { shared, signal } = options;
    const named = (whose: WhoseQuery) => this.#named(datasetName, { exact: true, ...whose }, { signal });
    const listings = whoseQueries(shared).map(named);
    return collected(withoutRepetition(listings));
  }

  async *getDatasetsIter({ shared, signal }: WhoseDatasets = {}): AsyncGenerator<DatasetData, void> {
    const { call } = this.#session;
    const listings = whoseQueries(shared).map((whose) =>
      paginate((page) => call('get_datasets', { query: { ...whose, ...page } }, { repeated: true, signal })),
    );
    yield* withoutRepetition(listings);
  }

  async getDatasets(options: WhoseDatasets = {}): Promise<DatasetData[]> {
    return collected(this.getDatasetsIter(options));
  }

  /** @deprecated `getDatasets({ shared: null })` */
  async getAllDatasets(options: Abortable = {}): Promise<DatasetData[]> {
    return this.getDatasets({ ...options, shared: null });
  }

  /**
   * Makes a dataset and uses it from now on. Returns its id.
   * @throws InvalidArgumentError where one's own datasets have the name already
   */
  async createDataset(datasetName: string, options: NewDataset = {}): Promise<string> {
    if (await this.datasetNameExists(datasetName, { signal: options.signal })) {
      throw new InvalidArgumentError(
        `There is a dataset with the name '${datasetName}' already: use it with setDatasetIdByName().`,
      );
    }
    return this.#create(datasetName, options);
  }

  /** As `createDataset`; where the name is taken, the first free of `<name>_1`, `<name>_2`, ... is used. */
  async createNewDatasetWithUniqueName(datasetBasename: string, options: NewDataset = {}): Promise<string> {
    const { signal } = options;
    const taken = new Set<string>();
    for await (const { name } of this.#named(datasetBasename, { exact: false, shared: false }, { signal })) {
      taken.add(name);
    }
    let name = datasetBasename;
    for (let count = 1; taken.has(name); count++) name = `${datasetBasename}_${count}`;
    return this.#create(name, options);
  }

  /** Deletes a dataset with all that belongs to it. */
  async deleteDatasetById(datasetId: string, options: Abortable = {}): Promise<void> {
    await this.#session.call('delete_dataset_by_id', { path: { datasetId } }, options);
    if (this.#session.datasetId === datasetId) this.#session.datasetId = undefined;
  }

  /** File names of the dataset in use, in the order of the samples' indices. */
  async getFilenames(options: Abortable = {}): Promise<string[]> {
    return collected(this.getFilenamesIter(options));
  }

  /** As `getFilenames`, page by page. */
  async *getFilenamesIter(options: Abortable = {}): AsyncGenerator<string, void> {
    yield* sampleMappings(this.#session, 'fileName', options);
  }

  async #create(name: string, { type = 'Images', signal }: NewDataset): Promise<string> {
    const { call, settings } = this.#session;
    const body = { name, type, creator: settings.creator };
    const { id } = await call('create_dataset', { body }, { signal });
    this.#session.datasetId = id;
    return id;
  }

  #named(datasetName: string, query: WhoseQuery & { readonly exact: boolean }, { signal }: Abortable) {
    const { call } = this.#session;
    return paginate((page) =>
      call(
        'get_datasets_query_by_name',
        { path: { datasetName }, query: { ...query, ...page } },
        { repeated: true, signal },
      ),
    );
  }
}

interface WhoseQuery {
  readonly shared?: boolean;
  readonly getAssetsOfTeam?: boolean;
}

function whoseQueries(shared: boolean | null | undefined = false): WhoseQuery[] {
  const own: WhoseQuery[] = [{ shared: false }];
  const others: WhoseQuery[] = [{ shared: true }, { getAssetsOfTeam: true }];
  if (shared === null) return [...own, ...others];
  return shared ? others : own;
}

/** A dataset of one's team can be shared with one as well. */
async function* withoutRepetition(
  listings: readonly AsyncGenerator<DatasetData, void>[],
): AsyncGenerator<DatasetData, void> {
  const seen = new Set<string>();
  for (const listing of listings) {
    for await (const dataset of listing) {
      if (seen.has(dataset.id)) continue;
      seen.add(dataset.id);
      yield dataset;
    }
  }
}
