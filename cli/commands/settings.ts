import { Command } from 'commander';
import { readGivenJson } from '../connection.ts';
import type { NewDatasetTarget, SettingsTarget } from '../dataset-settings.ts';
import { withResource } from './deployed-resource.ts';

/** `winnow settings`: reads and replaces the settings document of a dataset. */
export function settingsCommand(): Command {
  const settings = new Command('settings').description('show or replace the settings of a dataset');
  withTable(settings.command('show <dataset>').description('print the settings as JSON')).action(
    async (name: string, target: SettingsTarget) =>
      print(await (await onTheTable()).showSettings(name, target)),
  );
  withBuckets(withTable(settings.command('set <dataset> <file>')))
    .description(
      'replace the settings by those in a JSON file ("-" for standard input); {} means all defaults. ' +
        'What changes of input acts when the datasource is listed next: winnow datasources sync',
    )
    .action(async (name: string, file: string, target: NewDatasetTarget) =>
      print(await (await onTheTable()).setSettings(name, await readGivenJson(file, 'Settings file'), target)),
    );
  return settings;
}

/** These commands need the AWS SDK, whose loading takes as long as all of another command. */
const onTheTable = () => import('../dataset-settings.ts');

const withTable = (command: Command): Command =>
  withResource(command, '--table', 'TableName', 'WINNOW_TABLE');

/** A dataset that does not exist yet is made when it is configured, and knows its buckets. */
function withBuckets(command: Command): Command {
  withResource(command, '--landing-bucket', 'LandingBucketName', 'WINNOW_LANDING_BUCKET');
  return withResource(command, '--platform-bucket', 'PlatformBucketName', 'WINNOW_PLATFORM_BUCKET');
}

const print = (document: unknown): void => console.log(JSON.stringify(document, undefined, 2));
