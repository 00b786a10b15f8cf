import { type Command, Option } from 'commander';
import type { DockerRunScheduledPriority } from '../../client/index.ts';
import { type Api, apiCommand, withApi } from '../api-command.ts';
import { readGivenFile } from '../connection.ts';
import { collectedValues, fraction, wholeNumber } from '../option-values.ts';
import { type RunChoices, runConfigOf } from '../run-config.ts';
import { LOOK_EVERY, watchRun } from './run-watch.ts';

interface ScheduleOptions extends RunChoices {
  readonly config?: string;
  readonly priority: DockerRunScheduledPriority;
  readonly runsOn?: readonly string[];
  readonly watch?: true;
}

/** `winnow runs schedule` */
export function addRunScheduleCommand(runs: Command): void {
  apiCommand(runs, 'schedule <dataset>', 'select samples; prints the id of the scheduled run')
    .addOption(
      new Option('--n-samples <n>', 'how many are selected').argParser(wholeNumber).conflicts('proportion'),
    )
    .addOption(new Option('--proportion <part>', 'which part is selected, such as 0.1').argParser(fraction))
    .option('--config <file>', 'JSON: a selection, or any of workerConfig, lightlyConfig and selectionConfig')
    .option('--all-images', 'look at all images, not only at those that no run has seen')
    .option('--no-datapool', 'abort where the dataset has samples already, instead of adding to them')
    .addOption(
      new Option('--priority <priority>', 'before which others')
        .choices(['LOW', 'MID', 'HIGH', 'CRITICAL'])
        .default('MID'),
    )
    .option('--runs-on <label>', 'label that the worker must have; may be repeated', collectedValues)
    .option('--watch', 'print each state until the run has ended')
    .action(withApi(schedule));
}

async function schedule(api: Api, nameOrId: string, options: ScheduleOptions): Promise<void> {
  const { output } = api;
  const { config: file, priority, runsOn } = options;
  const document = file === undefined ? undefined : await readGivenFile(file, 'The config file');
  const config = runConfigOf(document, options);
  const { client, patient, dataset } = await api.dataset(nameOrId);
  const scheduledRunId = await client.scheduleComputeWorkerRun({ ...config, priority, runsOn });
  const made = { scheduledRunId, dataset: { id: dataset.id, name: dataset.name } };
  if (!options.watch) {
    output.show(made, scheduledRunId);
    return;
  }
  output.tell(made, scheduledRunId);
  const run = { scheduledRunId, runId: undefined, state: 'OPEN', message: undefined, createdAt: Date.now() };
  await watchRun(api, patient, run, LOOK_EVERY);
}
