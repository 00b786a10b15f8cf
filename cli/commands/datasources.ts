import { type Command, Option } from 'commander';
import { InvalidInputError } from '#contracts/errors';
import type { DatasourceConfig, DatasourcePurpose, S3Region } from '../../client/index.ts';
import { type Api, apiCommand, withApi } from '../api-command.ts';
import { confirmed } from '../confirmation.ts';
import { readGivenJson } from '../connection.ts';
import { roleArn } from '../option-values.ts';
import { detailsOf } from '../table-output.ts';
import { addConnectCommand } from './datasource-connect.ts';
import { addInputSettingsCommand } from './datasource-settings.ts';
import { verify } from './datasource-verify.ts';
import { addInputCommands } from './datasource-work.ts';

interface RoleOptions {
  readonly path: string;
  readonly region: S3Region;
  readonly roleArn: string;
  readonly externalId?: string;
  readonly purpose: DatasourcePurpose;
}

/** `winnow datasources` */
export function addDatasourcesCommands(program: Command): void {
  const datasources = program
    .command('datasources')
    .alias('datasource')
    .description('where the images of a dataset are, and how they are taken in');
  apiCommand(datasources, 'show <dataset>', 'show the datasource of a dataset')
    .addOption(purposeOption('which one, where there are several'))
    .action(withApi(showDatasource));
  addConnectCommand(datasources);
  apiCommand(
    datasources,
    'set-s3-delegated <dataset>',
    'set a role with an external ID that others have agreed on',
  )
    .requiredOption('--path <s3://bucket/folder>', 'where they are')
    .requiredOption('--region <region>', 'of the bucket')
    .requiredOption('--role-arn <arn>', 'role that may read it', roleArn)
    .option('--external-id <id>', 'that the role asks for (default: $WINNOW_EXTERNAL_ID)')
    .addOption(purposeOption('what it is for').default('INPUT_OUTPUT'))
    .action(withApi(setS3Delegated));
  apiCommand(datasources, 'verify <dataset>', 'try what is possible, and say what is missing').action(
    withApi(verify),
  );
  apiCommand(
    datasources,
    'set <dataset> <file>',
    'set a datasource of any type, as the protocol has it, from a JSON file ("-": standard input)',
  ).action(withApi(setAny));
  apiCommand(
    datasources,
    'disconnect <dataset>',
    "take images from Winnow's own bucket again: those of the datasource count as gone",
  )
    .option('--yes', 'do not ask')
    .action(withApi(disconnect));
  addInputSettingsCommand(datasources);
  addInputCommands(datasources);
}

const purposeOption = (description: string): Option =>
  new Option('--purpose <purpose>', description).choices(['INPUT_OUTPUT', 'INPUT', 'LIGHTLY']);

async function showDatasource(
  { dataset, output }: Api,
  nameOrId: string,
  { purpose }: { readonly purpose?: DatasourcePurpose },
): Promise<void> {
  const { client } = await dataset(nameOrId);
  const datasource = await client.getDatasource({ purpose });
  output.show(datasource, describe(datasource));
}

/** Without keys, which are nobody's to read over a shoulder. */
const describe = (datasource: DatasourceConfig): string =>
  detailsOf({
    type: datasource.type,
    path: datasource.fullPath,
    purpose: datasource.purpose,
    region: 's3Region' in datasource ? datasource.s3Region : undefined,
    role: 's3ARN' in datasource ? datasource.s3ARN : undefined,
    thumbnails: datasource.thumbSuffix,
  });

async function setS3Delegated(
  { dataset, output }: Api,
  nameOrId: string,
  options: RoleOptions,
): Promise<void> {
  const { path: resourcePath, region, roleArn, purpose } = options;
  const externalId = options.externalId ?? process.env.WINNOW_EXTERNAL_ID;
  if (!externalId)
    throw new InvalidInputError('The role asks for an id: set WINNOW_EXTERNAL_ID, or give --external-id.');
  const { client } = await dataset(nameOrId);
  await client.setS3DelegatedAccessConfig({ resourcePath, region, roleArn, externalId, purpose });
  const datasource = await client.getDatasource({ purpose });
  output.show(datasource, describe(datasource));
}

/** Secrets are in the file: whoever is on the machine can read what stands on a command line. */
async function setAny({ dataset, output }: Api, nameOrId: string, file: string): Promise<void> {
  const config = await readGivenJson(file, 'The datasource');
  const { client, dataset: changed } = await dataset(nameOrId);
  const path = { datasetId: changed.id };
  // The API says what is wrong with it.
  await client.call('update_datasource_by_dataset_id', { path, body: config as DatasourceConfig });
  const { purpose } = config as DatasourceConfig;
  const datasource = await client.getDatasource({ purpose });
  output.show(datasource, describe(datasource));
  output.note('Whether it works: winnow datasources verify.');
}

async function disconnect(
  { dataset, output, signal }: Api,
  nameOrId: string,
  { yes }: { readonly yes?: true },
): Promise<void> {
  const { client, dataset: changed } = await dataset(nameOrId);
  const { id: datasetId, name } = changed;
  const before = await client.getDatasource({ purpose: 'INPUT' });
  if (before.type === 'LIGHTLY') {
    output.show(before, `${name} has its images in Winnow's own bucket already`);
    return;
  }
  const question = `Take no more images from ${before.fullPath}, so that those of ${name} which are there count as gone?`;
  if (!yes && !(await confirmed(question, signal))) {
    output.note('Nothing was changed.');
    return;
  }
  const body = { type: 'LIGHTLY', purpose: 'INPUT', fullPath: '' } as const;
  await client.call('update_datasource_by_dataset_id', { path: { datasetId }, body });
  const after = await client.getDatasource({ purpose: 'INPUT' });
  output.show(after, `${name} has its images in ${after.fullPath}`);
}
