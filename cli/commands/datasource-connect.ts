import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { delegatedAccessAnswer, dryRunAnswer } from '#contracts/input-routes';
import { inputSettings } from '#contracts/input-settings';
import { cloudFormationTemplate } from '#platform/datasources/delegated-access/cloudformation-template';
import { terraformConfiguration } from '#platform/datasources/delegated-access/terraform-configuration';
import { s3LocationOf } from '#platform/datasources/location';
import { isAccessPoint } from '#platform/datasources/s3-resources';
import type { DatasetData, DatasourcePurpose, S3Region } from '../../client/index.ts';
import { type Api, apiCommand, withApi } from '../api-command.ts';
import {
  checkEvents,
  EVENT_SOURCES,
  forwardedEvents,
  type ReportingPlace,
  turnOnEvents,
} from '../datasource/connect-events.ts';
import { nextSteps } from '../datasource/connect-texts.ts';
import { askForDataset } from '../datasource/input-api.ts';
import { duration, roleArn } from '../option-values.ts';
import { showPermissions, waitUntilItWorks } from './datasource-verify.ts';

const FORMATS = ['cloudformation', 'terraform'] as const;

export interface ConnectOptions {
  readonly path: string;
  readonly region: S3Region;
  readonly purpose: DatasourcePurpose;
  readonly roleArn?: string;
  readonly kmsKey?: string;
  readonly bucket?: string;
  readonly bucketOwner?: string;
  readonly requesterPays?: true;
  readonly events?: (typeof EVENT_SOURCES)[number];
  readonly format?: (typeof FORMATS)[number];
  readonly output?: string;
  readonly templateUrl?: string;
  readonly timeout: number;
}

/** `winnow datasources connect` */
export function addConnectCommand(datasources: Command): void {
  apiCommand(
    datasources,
    'connect <dataset>',
    'lend a bucket of S3 to a dataset: what to make, then whether it works',
  )
    .requiredOption(
      '--path <s3://bucket/folder>',
      'where the images are; the ARN of an access point may stand for the bucket',
    )
    .requiredOption('--region <region>', 'of the bucket')
    .addOption(
      new Option('--purpose <purpose>', 'what it is for')
        .choices(['INPUT', 'INPUT_OUTPUT', 'LIGHTLY'])
        .default('INPUT'),
    )
    .option(
      '--role-arn <arn>',
      'the role, once it is made: without it, templates of the role are printed',
      roleArn,
    )
    .option('--kms-key <arn>', 'of the key that objects are encrypted with')
    .addOption(
      new Option(
        '--events <source>',
        'how Winnow learns what changes (default: as the template says)',
      ).choices(EVENT_SOURCES),
    )
    .option('--bucket <name>', 'the bucket behind an access point; for administrators of the team')
    .option('--bucket-owner <account>', 'that the bucket has to belong to: nothing is read from anybody else')
    .option('--requester-pays', 'whoever reads the bucket pays, which is the account of the role')
    .addOption(new Option('--format <format>', 'print this template only').choices(FORMATS))
    .option(
      '--output <file>',
      'write the template to a file (CloudFormation, unless --format says otherwise)',
    )
    .option('--template-url <url>', 'where in S3 you have put the template: prints a link that opens it')
    .addOption(
      new Option('--timeout <time>', 'how long to wait for the role: 90s, 10m')
        .argParser(duration)
        .default(600, '10m'),
    )
    .action(withApi(connect));
}

async function connect(api: Api, nameOrId: string, options: ConnectOptions): Promise<void> {
  const { path, region, purpose, kmsKey, roleArn } = options;
  const place = s3LocationOf(path);
  const { client, dataset } = await api.dataset(nameOrId);
  const query = new URLSearchParams({ path, region, purpose, ...(kmsKey && { kmsKey }) });
  const what = `input/delegated-access?${query}`;
  const access = await askForDataset(api, dataset.id, { method: 'GET', what }, delegatedAccessAnswer);
  checkEvents(options, access.ingestQueueArn);
  const reporting = { place, bucket: isAccessPoint(place.bucket) ? options.bucket : place.bucket };
  const events = forwardedEvents(reporting, access.eventBusArn, options);
  if (roleArn === undefined) {
    const role = { place, purpose, region, kmsKey, objectTags: true };
    const { accountId, externalId } = access;
    const id = `winnow-${dataset.id}`;
    // Both may be made in one account.
    const name = purpose === 'LIGHTLY' ? `${id}-lightly` : id;
    return showTemplates(api, dataset, { role, accountId, externalId, name, events }, options);
  }
  // First, so that nothing is changed where this can't be done. What comes before there is a datasource is for nobody.
  await turnOnEvents(api, reporting, access.ingestQueueArn, options);
  await setInput(api, dataset.id, reporting, options);
  await client.call('update_datasource_by_dataset_id', {
    path: { datasetId: dataset.id },
    body: {
      ...{ type: 'S3DelegatedAccess', purpose, fullPath: path, s3Region: region },
      ...{ s3ARN: roleArn, s3ExternalId: access.externalId },
      ...(kmsKey !== undefined && { s3ServerSideEncryptionKMSKey: kmsKey }),
    },
  });
  showPermissions(api, await waitUntilItWorks(api, dataset.id, options));
  if (purpose !== 'LIGHTLY') await noteWhetherEmpty(api, dataset.id, path);
}

/** What the settings of the dataset say of the bucket. Others stay as they are. */
async function setInput(
  api: Api,
  datasetId: string,
  { place, bucket }: ReportingPlace,
  { bucketOwner, requesterPays, purpose }: ConnectOptions,
): Promise<void> {
  const set = (body: object) =>
    askForDataset(api, datasetId, { method: 'PATCH', what: 'input/settings', body }, inputSettings);
  const access = {
    ...(bucketOwner !== undefined && { bucketOwner }),
    ...(requesterPays && { requesterPays }),
  };
  if (purpose === 'LIGHTLY') {
    if (Object.keys(access).length === 0) return;
    const what = 'input/settings';
    const { lightly } = await askForDataset(api, datasetId, { method: 'GET', what }, inputSettings);
    await set({ lightly: { ...lightly, ...access } });
    return;
  }
  const isBehindPoint = isAccessPoint(place.bucket) && bucket !== undefined;
  const body = { ...(isBehindPoint && { eventBucket: bucket }), ...access };
  if (Object.keys(body).length > 0) await set(body);
}

/** A path that is mistyped can be listed as well as any other one. */
async function noteWhetherEmpty(api: Api, datasetId: string, path: string): Promise<void> {
  const { objects, skipped } = await askForDataset(
    api,
    datasetId,
    { method: 'POST', what: 'input/dry-run', body: {} },
    dryRunAnswer,
  );
  const ofNoImage = skipped.filter(({ reason }) => reason === 'reserved' || reason === 'folder');
  if (objects > ofNoImage.reduce((sum, { count }) => sum + count, 0)) return;
  api.output.note(
    `Nothing is listed in ${path}: is the path right? Images are taken in as they arrive there.`,
  );
}

type Templates = Parameters<typeof cloudFormationTemplate>[0];

async function showTemplates(
  { output }: Api,
  dataset: Pick<DatasetData, 'name'>,
  request: Templates,
  options: ConnectOptions,
): Promise<void> {
  const template = cloudFormationTemplate(request);
  const texts = {
    cloudformation: `${JSON.stringify(template, undefined, 2)}\n`,
    terraform: terraformConfiguration(request),
  };
  const { format, output: file } = options;
  if (file !== undefined) await writeFile(file, texts[format ?? 'cloudformation']);
  const { externalId, accountId } = request;
  const document = { externalId, accountId, cloudFormation: template, terraform: texts.terraform };
  const forPeople = format
    ? texts[format].trimEnd()
    : `# CloudFormation\n${texts.cloudformation}\n# Terraform\n${texts.terraform.trimEnd()}`;
  output.show(document, file === undefined ? forPeople : file);
  for (const line of nextSteps(dataset.name, request, options)) output.note(line);
}
