import type { Command } from 'commander';
import { ConflictError } from '#contracts/errors';
import type { ApiWorkflowClient, DatasetEmbeddingData } from '../../client/index.ts';
import { type Api, apiCommand, withApi } from '../api-command.ts';
import { type Column, minuteOf } from '../table-output.ts';

/** `winnow embeddings` */
export function addEmbeddingsCommands(program: Command): void {
  const embeddings = program.command('embeddings').description('vectors of the samples of a dataset');
  apiCommand(embeddings, 'list <dataset>', 'all embeddings, the newest first').action(
    withApi(listEmbeddings),
  );
  apiCommand(embeddings, 'upload <dataset> <csv>', 'upload a CSV file with a row for each sample')
    .option('--name <name>', 'what they are called', 'default')
    .action(withApi(uploadEmbeddings));
  apiCommand(
    embeddings,
    'append <dataset> <csv>',
    'add the rows of a CSV file to embeddings that are there; makes new ones of all',
  )
    .option('--name <name>', 'those that are added to', 'default')
    .action(withApi(appendEmbeddings));
  apiCommand(embeddings, 'download <dataset> <csv>', 'download embeddings to a CSV file')
    .option('--name <name>', 'which ones (default: the newest)')
    .action(withApi(downloadEmbeddings));
  apiCommand(embeddings, 'delete <dataset> <name>', 'delete embeddings').action(withApi(deleteEmbeddings));
}

const COLUMNS: readonly Column<DatasetEmbeddingData>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'NAME', value: ({ name }) => name, shrinks: true },
  { title: 'STATE', value: ({ isProcessed }) => (isProcessed ? 'ready' : 'being read') },
  { title: 'CREATED (UTC)', value: ({ createdAt }) => minuteOf(createdAt) },
];

interface Named {
  readonly name: string;
}

async function listEmbeddings({ dataset, output }: Api, nameOrId: string): Promise<void> {
  const { client } = await dataset(nameOrId);
  output.showRows(await client.getAllEmbeddingData(), COLUMNS, 'The dataset has no embeddings.');
}

async function uploadEmbeddings(api: Api, nameOrId: string, csv: string, { name }: Named): Promise<void> {
  const { client, patient } = await api.dataset(nameOrId);
  // The client adds to what begins with the name.
  const similar = (await client.getAllEmbeddingData()).find((one) => one.name.startsWith(name));
  if (similar) {
    throw new ConflictError(
      `There are embeddings '${similar.name}' already: add to them with winnow embeddings append, or choose another --name.`,
    );
  }
  await upload(api, patient, csv, name);
}

async function appendEmbeddings(api: Api, nameOrId: string, csv: string, { name }: Named): Promise<void> {
  const { client, patient } = await api.dataset(nameOrId);
  await client.getEmbeddingByName(name);
  await upload(api, patient, csv, name);
}

async function upload({ output }: Api, client: ApiWorkflowClient, csv: string, name: string): Promise<void> {
  await client.uploadEmbeddings(csv, name);
  const made = (await client.getAllEmbeddingData()).find(({ id }) => id === client.embeddingId);
  output.show(made, `${made?.name} (${made?.id})`);
}

async function downloadEmbeddings(
  { dataset, output }: Api,
  nameOrId: string,
  csv: string,
  { name }: Partial<Named>,
): Promise<void> {
  const { client, patient } = await dataset(nameOrId);
  const id =
    name === undefined
      ? await client.setEmbeddingIdToLatest()
      : (await client.getEmbeddingDataByName(name)).id;
  await patient.downloadEmbeddingsCsvById(id, csv);
  output.show({ id, file: csv }, `Embeddings ${name ?? id} are in ${csv}`);
}

async function deleteEmbeddings(
  { dataset: open, output }: Api,
  nameOrId: string,
  name: string,
): Promise<void> {
  const { client, dataset } = await open(nameOrId);
  const { id: embeddingId } = await client.getEmbeddingDataByName(name);
  await client.call('delete_embedding_by_id', { path: { datasetId: dataset.id, embeddingId } });
  output.show({ id: embeddingId, name, deleted: true }, `${name} are deleted`);
}
