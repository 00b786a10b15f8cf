import { Artifacts } from './artifacts.ts';
import { Collaboration } from './collaboration.ts';
import { ComputeWorker } from './compute-worker.ts';
import { DatasetDownloads } from './dataset-downloads.ts';
import { Datasets } from './datasets.ts';
import { DatasourceInput } from './datasource-input.ts';
import { DatasourceListings } from './datasource-listings.ts';
import { DatasourceWork } from './datasource-work.ts';
import { Datasources } from './datasources.ts';
import { Embeddings } from './embeddings.ts';
import { Exports } from './exports.ts';
import { FolderUploads } from './folder-uploads.ts';
import { Metadata } from './metadata.ts';
import { type ClientOptions, settingsOf } from './options.ts';
import { Predictions } from './predictions.ts';
import type { OperationId, RequestOf, ResponseOf } from './protocol.ts';
import { Selections } from './selection.ts';
import { openSession, type Session } from './session.ts';
import { Tags } from './tags.ts';
import type { CallOptions } from './transport.ts';

/** The parts of the client, each about one thing. */
function chaptersOf(session: Session) {
  const tags = new Tags(session);
  const embeddings = new Embeddings(session);
  return {
    datasets: new Datasets(session),
    collaboration: new Collaboration(session),
    datasources: new Datasources(session),
    datasourceInput: new DatasourceInput(session),
    datasourceWork: new DatasourceWork(session),
    datasourceListings: new DatasourceListings(session),
    folderUploads: new FolderUploads(session, tags),
    datasetDownloads: new DatasetDownloads(session, tags),
    tags,
    exports: new Exports(session, tags),
    embeddings,
    metadata: new Metadata(session),
    predictions: new Predictions(session),
    selections: new Selections(session, tags, embeddings),
    computeWorker: new ComputeWorker(session),
    artifacts: new Artifacts(session),
  };
}

type Chapters = ReturnType<typeof chaptersOf>;

/** Everything the chapters can do, as methods of one object. */
type AllOf<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

class Client {
  readonly #session: Session;
  readonly #chapters: Chapters;

  constructor(options: ClientOptions = {}) {
    this.#session = openSession(settingsOf(options, process.env));
    this.#chapters = chaptersOf(this.#session);
  }

  /** Id of the dataset in use; undefined until one was chosen or needed. `getDatasetId` always has one. */
  get datasetId(): string | undefined {
    return this.#session.datasetId;
  }

  /** Id of the embedding in use; undefined until one was chosen or needed. */
  get embeddingId(): string | undefined {
    return this.#session.embeddingId;
  }

  set embeddingId(embeddingId: string | undefined) {
    this.#session.embeddingId = embeddingId;
  }

  /** Calls any operation of the API by its name in the contract, for what no method is made for. */
  async call<Id extends OperationId>(
    id: Id,
    request: RequestOf<Id>,
    options: CallOptions = {},
  ): Promise<ResponseOf<Id>> {
    return this.#session.call(id, request, options);
  }

  static {
    const classes = {
      datasets: Datasets,
      collaboration: Collaboration,
      datasources: Datasources,
      datasourceInput: DatasourceInput,
      datasourceWork: DatasourceWork,
      datasourceListings: DatasourceListings,
      folderUploads: FolderUploads,
      datasetDownloads: DatasetDownloads,
      tags: Tags,
      exports: Exports,
      embeddings: Embeddings,
      metadata: Metadata,
      predictions: Predictions,
      selections: Selections,
      computeWorker: ComputeWorker,
      artifacts: Artifacts,
    } satisfies Record<keyof Chapters, unknown>;
    for (const [chapter, { prototype }] of Object.entries(classes)) {
      for (const name of Object.getOwnPropertyNames(prototype)) {
        if (name === 'constructor') continue;
        const value = function (this: Client, ...args: unknown[]): unknown {
          const methods = this.#chapters[chapter as keyof Chapters] as unknown as Record<string, AnyMethod>;
          return methods[name]?.(...args);
        };
        Object.defineProperty(Client.prototype, name, { value, writable: true, configurable: true });
      }
    }
  }
}

type AnyMethod = (...args: unknown[]) => unknown;

/** A connection to the API, and all that can be done through it. */
export type ApiWorkflowClient = Client & AllOf<Chapters[keyof Chapters]>;

/** @throws InvalidConfigurationError where there is no token or no server */
export const ApiWorkflowClient = Client as new (options?: ClientOptions) => ApiWorkflowClient;
