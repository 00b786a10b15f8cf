import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { Command } from 'commander';
import { datasetStore } from '#aws/dataset-store';
import { openTable } from '#aws/table';
import { InvalidInputError, NotFoundError } from '#contracts/errors';
import { changeSettings } from '#platform/datasets/change-settings';
import { type DatasetStore, newLandingDataset } from '#platform/datasets/datasets';
import { checkSelectionConfig } from '#selection/select';

interface Target {
  readonly table: string;
}
interface TargetWithBuckets extends Target {
  readonly landingBucket: string;
  readonly platformBucket: string;
}

/** `winnow settings`: reads and replaces the settings document of a dataset. */
export function settingsCommand(): Command {
  const settings = new Command('settings').description('show or replace the settings of a dataset');
  withTable(settings.command('show <dataset>').description('print the settings as JSON')).action(
    async (name: string, target: Target) =>
      print(await showSettings(name, datasetStore(openTable(target.table)))),
  );
  withBuckets(withTable(settings.command('set <dataset> <file>')))
    .description(
      'replace the settings by those in a JSON file ("-" for standard input); {} means all defaults',
    )
    .action(async (name: string, file: string, target: TargetWithBuckets) => {
      const buckets = { landing: target.landingBucket, platform: target.platformBucket };
      const make = (id: string) => newLandingDataset(id, name, buckets, Date.now());
      const document = await readDocument(file);
      print(
        await changeSettings(
          { name, document, make },
          { datasets: datasetStore(openTable(target.table)), checkSelection: checkSelectionConfig },
        ),
      );
    });
  return settings;
}

const withTable = (command: Command): Command =>
  withResource(command, '--table', 'TableName', 'WINNOW_TABLE');

/** A dataset that does not exist yet is made when it is configured, and knows its buckets. */
function withBuckets(command: Command): Command {
  withResource(command, '--landing-bucket', 'LandingBucketName', 'WINNOW_LANDING_BUCKET');
  return withResource(command, '--platform-bucket', 'PlatformBucketName', 'WINNOW_PLATFORM_BUCKET');
}

/** The name of a deployed resource: an output of the stack, or the environment. Credentials are the SDK's business. */
function withResource(command: Command, flag: string, output: string, variable: string): Command {
  const value = process.env[variable];
  const description = `output ${output} of the stack (default: $${variable})`;
  return value
    ? command.option(`${flag} <name>`, description, value)
    : command.requiredOption(`${flag} <name>`, description);
}

async function showSettings(name: string, datasets: DatasetStore) {
  const dataset = await datasets.findByName(name);
  if (!dataset) throw new NotFoundError('dataset', name);
  return dataset.settings;
}

async function readDocument(file: string): Promise<unknown> {
  // Standard input may be a socket, which can't be opened by its name in /dev.
  const text = await (file === '-' ? textOf(process.stdin) : readFile(file, 'utf8')).catch((cause) => {
    throw new InvalidInputError(`Settings file '${file}' can't be read.`, { cause });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidInputError(`Settings file '${file}' is not JSON.`, { cause });
  }
}

const print = (document: unknown): void => console.log(JSON.stringify(document, undefined, 2));
