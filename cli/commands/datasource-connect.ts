import { writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { InvalidInputError, WinnowError } from '#contracts/errors';
import { delegatedAccessAnswer, type VerifyAnswer, verifyAnswer } from '#contracts/input-routes';
import type { BucketPrefix } from '#contracts/items';
import { cloudFormationTemplate } from '#platform/datasources/delegated-access/cloudformation-template';
import { terraformConfiguration } from '#platform/datasources/delegated-access/terraform-configuration';
import { s3LocationOf } from '#platform/datasources/location';
import { regionNameOf } from '#platform/datasources/regions';
import { isAccessPoint } from '#platform/datasources/s3-resources';
import type { DatasetData, DatasourcePurpose, S3Region } from '../../client/index.ts';
import { type Api, apiCommand, withApi } from '../api-command.ts';
import { addNotification, turnOnEventBridge } from '../datasource/bucket-events.ts';
import { nextSteps } from '../datasource/connect-texts.ts';
import { askForDataset } from '../datasource/input-api.ts';
import { permissionsOf } from '../datasource/permission-texts.ts';
import { duration } from '../option-values.ts';

const EVENT_SOURCES = ['eventbridge', 'notification', 'polling'] as const;
const FORMATS = ['cloudformation', 'terraform'] as const;

export interface ConnectOptions {
  readonly path: string;
  readonly region: S3Region;
  readonly purpose: DatasourcePurpose;
  readonly roleArn?: string;
  readonly kmsKey?: string;
  readonly bucket?: string;
  readonly events?: (typeof EVENT_SOURCES)[number];
  readonly format?: (typeof FORMATS)[number];
  readonly output?: string;
  readonly templateUrl?: string;
  readonly timeout: number;
}

/** Between two looks whether the role works by now. */
const VERIFY_EVERY_MS = 5_000;

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
    .option('--role-arn <arn>', 'the role, once it is made: without it, templates of the role are printed')
    .option('--kms-key <arn>', 'of the key that objects are encrypted with')
    .addOption(
      new Option(
        '--events <source>',
        'how Winnow learns what changes (default: as the template says)',
      ).choices(EVENT_SOURCES),
    )
    .option('--bucket <name>', 'the bucket behind an access point')
    .addOption(new Option('--format <format>', 'print this template only').choices(FORMATS))
    .option(
      '--output <file>',
      'write the template to a file (CloudFormation, unless --format says otherwise)',
    )
    .option('--template-url <url>', 'where in S3 you have put the template: prints a link that opens it')
    .option('--timeout <time>', 'how long to wait for the role: 90s, 10m', duration, 600)
    .action(withApi(connect));
}

async function connect(api: Api, nameOrId: string, options: ConnectOptions): Promise<void> {
  const { path, region, purpose, kmsKey, roleArn } = options;
  const place = s3LocationOf(path);
  const reporting = isAccessPoint(place.bucket) ? options.bucket : place.bucket;
  const { client, dataset } = await api.dataset(nameOrId);
  const query = new URLSearchParams({ path, region, purpose, ...(kmsKey && { kmsKey }) });
  const what = `input/delegated-access?${query}`;
  const access = await askForDataset(api, dataset.id, { method: 'GET', what }, delegatedAccessAnswer);
  const id = `winnow-${dataset.id}`;
  if (roleArn === undefined) {
    const role = { place, purpose, region, kmsKey, objectTags: true };
    const events = forwarded(place, reporting, access.eventBusArn, options);
    const { accountId, externalId } = access;
    // Both may be made in one account.
    const name = purpose === 'LIGHTLY' ? `${id}-lightly` : id;
    return showTemplates(api, dataset, { role, accountId, externalId, name, events }, options);
  }
  await client.call('update_datasource_by_dataset_id', {
    path: { datasetId: dataset.id },
    body: {
      ...{ type: 'S3DelegatedAccess', purpose, fullPath: path, s3Region: region },
      ...{ s3ARN: roleArn, s3ExternalId: access.externalId },
      ...(kmsKey !== undefined && { s3ServerSideEncryptionKMSKey: kmsKey }),
    },
  });
  const wanted = { id, queueArn: access.ingestQueueArn, prefix: place.prefix };
  await turnOnEvents(api, reporting, wanted, options);
  showPermissions(api, await waitUntilItWorks(api, dataset.id, options));
}

/** The events that a rule forwards: unless they come in another way, or nobody waits for them. */
function forwarded(
  place: BucketPrefix,
  bucket: string | undefined,
  eventBusArn: string,
  { events = 'eventbridge', purpose }: ConnectOptions,
): Templates['events'] {
  if (events !== 'eventbridge' || purpose === 'LIGHTLY') return undefined;
  checkReporting(bucket);
  return { place: { ...place, bucket }, eventBusArn };
}

function checkReporting(bucket: string | undefined): asserts bucket is string {
  if (bucket !== undefined) return;
  throw new InvalidInputError(
    'Events name the bucket behind an access point: give --bucket, or --events polling.',
  );
}

/** The bucket is touched only where somebody asks for it. */
async function turnOnEvents(
  { output, signal }: Api,
  bucket: string | undefined,
  wanted: Parameters<typeof addNotification>[1],
  { events, region: given }: ConnectOptions,
): Promise<void> {
  if (events === undefined || events === 'polling') return;
  checkReporting(bucket);
  const region = regionNameOf(given);
  const isNew =
    events === 'notification'
      ? await addNotification({ bucket, region, signal }, wanted)
      : await turnOnEventBridge({ bucket, region, signal });
  output.note(
    `${bucket} ${isNew ? 'reports' : 'reported already'} ${events === 'notification' ? "to Winnow's queue" : 'to EventBridge'}.`,
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

/** Roles are known everywhere some seconds after they are made. */
async function waitUntilItWorks(
  api: Api,
  datasetId: string,
  { timeout }: ConnectOptions,
): Promise<VerifyAnswer> {
  const until = Date.now() + timeout * 1_000;
  let said: string | undefined;
  for (;;) {
    const found = await askForDataset(api, datasetId, { method: 'POST', what: 'input/verify' }, verifyAnswer);
    if (works(found) || Date.now() + VERIFY_EVERY_MS > until) return found;
    const [problem] = found.problems;
    const reason = problem?.reason ?? Object.values(found.errors ?? {})[0];
    if (reason !== said) api.output.note(`Waiting for access. ${reason}`);
    said = reason;
    await setTimeout(VERIFY_EVERY_MS, undefined, { signal: api.signal }).catch(() => undefined);
    api.signal.throwIfAborted();
  }
}

const works = ({ canList, canRead, canWrite, canOverwrite }: VerifyAnswer): boolean =>
  canList && canRead && canWrite && canOverwrite;

/** `winnow datasources verify` */
export async function verify(api: Api, nameOrId: string): Promise<void> {
  const { dataset } = await api.dataset(nameOrId);
  const request = { method: 'POST', what: 'input/verify' } as const;
  showPermissions(api, await askForDataset(api, dataset.id, request, verifyAnswer));
}

const AGAIN = 'Winnow tries again every few minutes, and winnow datasources verify at once.';

function showPermissions({ output }: Api, found: VerifyAnswer): void {
  output.show(found, permissionsOf(found));
  if (!found.canList || !found.canRead) {
    throw new WinnowError('DATASOURCE_UNREADABLE', `The images can not be listed and read. ${AGAIN}`);
  }
  if (!works(found)) {
    throw new WinnowError(
      'DATASOURCE_NOT_WRITABLE',
      `What is made of the images can not be written. ${AGAIN}`,
    );
  }
}
