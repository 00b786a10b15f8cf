import { type Command, Option } from 'commander';
import { InvalidInputError } from '#contracts/errors';
import type { DatasourceConfig, DatasourcePurpose, S3Region } from '../../client/index.ts';
import { type Api, apiCommand, withApi } from '../api-command.ts';
import { detailsOf } from '../table-output.ts';
import { addConnectCommand } from './datasource-connect.ts';
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
  apiCommand(datasources, 'show <dataset>', 'what a dataset has')
    .addOption(purposeOption('which one, where there are several'))
    .action(withApi(showDatasource));
  addConnectCommand(datasources);
  apiCommand(datasources, 'set-s3-delegated <dataset>', 'read images from S3 with a role of its owner')
    .requiredOption('--path <s3://bucket/folder>', 'where they are')
    .requiredOption('--region <region>', 'of the bucket')
    .requiredOption('--role-arn <arn>', 'role that may read it')
    .option('--external-id <id>', 'that the role asks for (default: $WINNOW_EXTERNAL_ID)')
    .addOption(purposeOption('what it is for').default('INPUT_OUTPUT'))
    .action(withApi(setS3Delegated));
  apiCommand(
    datasources,
    'verify <dataset>',
    'find out what is possible with it, and what is missing',
  ).action(withApi(verify));
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
