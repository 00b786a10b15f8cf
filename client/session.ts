import { InvalidArgumentError } from './errors.ts';
import type { ClientSettings } from './options.ts';
import { LARGE_PAGE_SIZE, paginate } from './paging.ts';
import type { DatasetData } from './protocol.ts';
import {
  type Abortable,
  type Call,
  type CallOwn,
  httpCall,
  httpCallOwn,
  type OwnRequest,
} from './transport.ts';

/** What the chapters of the client share: the connection, and the dataset and embedding in use. */
export interface Session {
  readonly settings: ClientSettings;
  readonly call: Call;
  readonly callOwn: CallOwn;
  /** Undefined until it is set or first needed. */
  datasetId: string | undefined;
  /** Undefined until it is set or first needed. */
  embeddingId: string | undefined;
}

export function openSession(settings: ClientSettings): Session {
  const { datasetId, embeddingId } = settings;
  return { settings, call: httpCall(settings), callOwn: httpCallOwn(settings), datasetId, embeddingId };
}

/**
 * The dataset in use. Where none was chosen it becomes the one that was changed last, with a warning.
 * @throws InvalidArgumentError where there is no dataset at all
 */
export async function currentDatasetId(session: Session, { signal }: Abortable): Promise<string> {
  if (session.datasetId !== undefined) return session.datasetId;
  let latest: DatasetData | undefined;
  for await (const dataset of ownDatasets(session, { signal })) {
    if (!latest || dataset.lastModifiedAt > latest.lastModifiedAt) latest = dataset;
  }
  if (!latest) {
    throw new InvalidArgumentError('There is no dataset yet: create one with createDataset().');
  }
  session.settings.onWarning(
    `No dataset has been chosen: '${latest.name}', the one that was changed last, is used from now on.`,
  );
  session.datasetId = latest.id;
  return latest.id;
}

/** Asks for what is Winnow's own, of the dataset in use. @param request its path is below that of the dataset */
export async function askOfDataset<Answer>(
  session: Session,
  request: OwnRequest,
  { signal }: Abortable,
): Promise<Answer> {
  const datasetId = await currentDatasetId(session, { signal });
  const path = `datasets/${datasetId}/${request.path}`;
  return session.callOwn({ ...request, path }, { repeated: request.method === 'GET', signal });
}

const ownDatasets = ({ call }: Session, { signal }: Abortable): AsyncGenerator<DatasetData, void> =>
  paginate((page) => call('get_datasets', { query: { shared: false, ...page } }, { repeated: true, signal }));

/** One field of every sample of the dataset in use, in the order of the samples' indices. */
export async function* sampleMappings(
  session: Session,
  field: '_id' | 'fileName',
  { signal }: Abortable,
): AsyncGenerator<string, void> {
  const path = { datasetId: await currentDatasetId(session, { signal }) };
  yield* paginate(
    (page) =>
      session.call(
        'get_sample_mappings_by_dataset_id',
        { path, query: { field, ...page } },
        { repeated: true, signal },
      ),
    LARGE_PAGE_SIZE,
  );
}
