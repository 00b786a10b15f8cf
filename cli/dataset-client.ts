import { WinnowError } from '#contracts/errors';
import { ApiError, type ApiWorkflowClient, type DatasetData, type RetryPolicy } from '../client/index.ts';

/** A dataset, and clients that have it in use. */
export interface DatasetClient {
  readonly dataset: DatasetData;
  /** For what somebody waits for: gives up soon. */
  readonly client: ApiWorkflowClient;
  /** For long work: waits for the server to come back. */
  readonly patient: ApiWorkflowClient;
}

interface Clients {
  readonly client: ApiWorkflowClient;
  readonly clientOf: (datasetId: string, retry?: Partial<RetryPolicy>) => ApiWorkflowClient;
  readonly impatience: Partial<RetryPolicy>;
}

/** @throws WinnowError with code NOT_FOUND */
export async function openDataset(
  nameOrId: string,
  { client, clientOf, impatience }: Clients,
): Promise<DatasetClient> {
  const dataset = await findDataset(nameOrId, client);
  return { dataset, client: clientOf(dataset.id, impatience), patient: clientOf(dataset.id) };
}

async function findDataset(nameOrId: string, client: ApiWorkflowClient): Promise<DatasetData> {
  const found = (await datasetOfId(nameOrId, client)) ?? (await datasetOfName(nameOrId, client));
  if (found) return found;
  throw new WinnowError(
    'NOT_FOUND',
    `There is no dataset '${nameOrId}': see winnow datasets list. winnow datasets create makes one.`,
  );
}

const OBJECT_ID = /^[0-9a-f]{24}$/;

async function datasetOfId(id: string, client: ApiWorkflowClient): Promise<DatasetData | undefined> {
  if (!OBJECT_ID.test(id)) return undefined;
  try {
    return await client.getDatasetById(id);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

async function datasetOfName(name: string, client: ApiWorkflowClient): Promise<DatasetData | undefined> {
  const [dataset] = await client.getDatasetsByName(name, { shared: null });
  return dataset;
}
