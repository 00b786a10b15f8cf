import { type Command, Option } from 'commander';
import { transferAnswer } from '#contracts/input-routes';
import type { DatasetData, DatasetType } from '../../client/index.ts';
import { type Api, apiCommand, withApi } from '../api-command.ts';
import { confirmed } from '../confirmation.ts';
import { askForDataset } from '../datasource/input-api.ts';
import { type Column, detailsOf, minuteOf } from '../table-output.ts';
import { addPauseCommands } from './datasource-work.ts';

/** `winnow datasets` */
export function addDatasetsCommands(program: Command): void {
  const datasets = program
    .command('datasets')
    .description('list, make, rename, pause, transfer and delete datasets');
  apiCommand(datasets, 'list', 'those that you may use')
    .option('--own', 'only your own')
    .action(withApi(listDatasets));
  apiCommand(datasets, 'create <name>', 'make a dataset; its id is printed')
    .addOption(
      new Option('--type <type>', 'what it holds').choices(['Images', 'Videos', 'Crops']).default('Images'),
    )
    .action(withApi(createDataset));
  apiCommand(datasets, 'show <dataset>', 'what is known of a dataset').action(withApi(showDataset));
  apiCommand(datasets, 'rename <dataset> <new-name>', 'give a dataset another name').action(
    withApi(renameDataset),
  );
  apiCommand(
    datasets,
    'transfer <dataset> <new-owner>',
    'give a dataset to another user, by address or id',
  ).action(withApi(transferDataset));
  addPauseCommands(datasets);
  apiCommand(datasets, 'delete <dataset>', 'delete a dataset with all that belongs to it')
    .option('--yes', 'do not ask')
    .action(withApi(deleteDataset));
}

const COLUMNS: readonly Column<DatasetData>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'NAME', value: ({ name }) => name, shrinks: true },
  { title: 'SAMPLES', value: ({ nSamples }) => nSamples, align: 'right' },
  { title: 'TYPE', value: ({ type }) => type },
  { title: 'CREATED (UTC)', value: ({ createdAt }) => minuteOf(createdAt) },
];

async function listDatasets({ client, output }: Api, { own }: { readonly own?: true }): Promise<void> {
  const datasets = await client.getDatasets({ shared: own ? false : null });
  output.showRows(datasets, COLUMNS, 'There are no datasets yet: winnow datasets create <name>');
}

async function createDataset(
  { client, output }: Api,
  name: string,
  { type }: { readonly type: DatasetType },
): Promise<void> {
  const { id } = await client.call('create_dataset', { body: { name, type, creator: 'USER_PIP' } });
  output.show(await client.getDatasetById(id), id);
}

async function showDataset({ dataset, output }: Api, nameOrId: string): Promise<void> {
  const found = await dataset(nameOrId);
  output.show(found.dataset, describe(found.dataset));
}

const describe = (dataset: DatasetData): string =>
  detailsOf({
    id: dataset.id,
    name: dataset.name,
    type: dataset.type,
    images: dataset.imgType,
    samples: dataset.nSamples,
    bytes: dataset.sizeInBytes,
    owner: dataset.userId,
    parent: dataset.parentDatasetId,
    created: minuteOf(dataset.createdAt),
    changed: minuteOf(dataset.lastModifiedAt),
  });

async function renameDataset({ dataset, output }: Api, nameOrId: string, name: string): Promise<void> {
  const { client, dataset: old } = await dataset(nameOrId);
  await client.call('update_dataset_by_id', { path: { datasetId: old.id }, body: { name } });
  output.show(await client.getDatasetById(old.id), `${old.name} is now called ${name}`);
}

async function deleteDataset(
  { dataset, output, signal }: Api,
  nameOrId: string,
  { yes }: { readonly yes?: true },
): Promise<void> {
  const { client, dataset: doomed } = await dataset(nameOrId);
  const question = `Delete the dataset '${doomed.name}' with its ${doomed.nSamples} samples and all that belongs to it?`;
  if (!yes && !(await confirmed(question, signal))) {
    output.note('Nothing was deleted.');
    return;
  }
  await client.deleteDatasetById(doomed.id);
  output.show({ id: doomed.id, name: doomed.name, deleted: true }, `${doomed.name} is deleted`);
}

async function transferDataset(api: Api, nameOrId: string, newOwner: string): Promise<void> {
  const { dataset } = await api.dataset(nameOrId);
  const body = newOwner.includes('@') ? { email: newOwner } : { userId: newOwner };
  const owner = await askForDataset(
    api,
    dataset.id,
    { method: 'POST', what: 'transfer', body },
    transferAnswer,
  );
  api.output.show(
    { id: dataset.id, name: dataset.name, ...owner },
    `${dataset.name} is owned by ${owner.email}`,
  );
}
