import { type Command, Option } from 'commander';
import type { DockerRunArtifactData, DockerRunData } from '../../client/index.ts';
import { type Api, apiCommand, withApi } from '../api-command.ts';
import { begunRun, type DatasetRun, findRun, runsOf } from '../dataset-runs.ts';
import { collectedValues } from '../option-values.ts';
import { withProgressBar } from '../progress.ts';
import { type Column, minuteOf, secondOf } from '../table-output.ts';
import { addRunScheduleCommand } from './run-schedule.ts';
import { addRunWatchCommand } from './run-watch.ts';

/** `winnow runs` */
export function addRunsCommands(program: Command): void {
  const runs = program
    .command('runs')
    .description('select samples of a dataset')
    .addHelpText(
      'after',
      '\n[run] is the id of a run or of a scheduled run; the newest one where it is left out.',
    );
  apiCommand(runs, 'list [dataset]', 'runs of a dataset, or of all, the newest first').action(
    withApi(listRuns),
  );
  addRunScheduleCommand(runs);
  addRunWatchCommand(runs);
  apiCommand(runs, 'logs <dataset> [run]', 'what a run has logged so far').action(withApi(printLogs));
  apiCommand(runs, 'artifacts <dataset> [run]', 'files that a run has made')
    .option('--out <folder>', 'download them into this folder')
    .addOption(
      new Option('--type <type>', 'only those of this type, such as REPORT_PDF; may be repeated').argParser(
        collectedValues,
      ),
    )
    .action(withApi(artifacts));
  apiCommand(runs, 'cancel <dataset> [run]', 'end a run that has not ended yet').action(withApi(cancel));
}

const OF_DATASET: readonly Column<DatasetRun>[] = [
  { title: 'SCHEDULED RUN', value: ({ scheduledRunId }) => scheduledRunId },
  { title: 'RUN', value: ({ runId }) => runId },
  { title: 'STATE', value: ({ state }) => state },
  { title: 'CREATED (UTC)', value: ({ createdAt }) => minuteOf(createdAt) },
];

const OF_ALL: readonly Column<DockerRunData>[] = [
  { title: 'RUN', value: ({ id }) => id },
  { title: 'DATASET', value: ({ datasetId }) => datasetId },
  { title: 'STATE', value: ({ state }) => state },
  { title: 'CREATED (UTC)', value: ({ createdAt }) => minuteOf(createdAt) },
];

const NO_RUNS = 'There are no runs yet: winnow runs schedule <dataset>';

async function listRuns(api: Api, nameOrId: string | undefined): Promise<void> {
  if (nameOrId === undefined) {
    api.output.showRows((await api.client.getComputeWorkerRuns()).reverse(), OF_ALL, NO_RUNS);
    return;
  }
  const { client, dataset } = await api.dataset(nameOrId);
  api.output.showRows(await runsOf(client, dataset.id), OF_DATASET, NO_RUNS);
}

async function printLogs(
  { dataset: open, output }: Api,
  nameOrId: string,
  id: string | undefined,
): Promise<void> {
  const { client, dataset } = await open(nameOrId);
  const run = await begunRun(client, dataset, id);
  for await (const entry of client.getComputeWorkerRunLogsIter(run.id)) {
    output.tell(entry, `${secondOf(entry.ts)}  ${entry.level.padEnd(8)}  ${entry.state}  ${entry.msg}`);
  }
}

const ARTIFACTS: readonly Column<DockerRunArtifactData>[] = [
  { title: 'TYPE', value: ({ type }) => type },
  { title: 'FILE', value: ({ fileName }) => fileName, shrinks: true },
  { title: 'CREATED (UTC)', value: ({ createdAt }) => minuteOf(createdAt) },
];

async function artifacts(
  { dataset: open, output }: Api,
  nameOrId: string,
  id: string | undefined,
  { out, type }: { readonly out?: string; readonly type?: readonly string[] },
): Promise<void> {
  const { client, patient, dataset } = await open(nameOrId);
  const run = await begunRun(client, dataset, id);
  const chosen = (run.artifacts ?? []).filter((artifact) => type?.includes(artifact.type) ?? true);
  if (out !== undefined) {
    await withProgressBar('artifacts', (onProgress) =>
      patient.downloadComputeWorkerRunArtifacts({ ...run, artifacts: chosen }, out, { onProgress }),
    );
  }
  output.showRows(chosen, ARTIFACTS, 'The run has no such artifacts.');
  if (out !== undefined && chosen.length > 0) output.note(`They are in ${out}`);
}

async function cancel(
  { dataset: open, output }: Api,
  nameOrId: string,
  id: string | undefined,
): Promise<void> {
  const { client, dataset } = await open(nameOrId);
  const { scheduledRunId, runId } = await findRun(client, dataset, id);
  await client.cancelScheduledComputeWorkerRun(scheduledRunId ?? String(runId));
  output.show({ scheduledRunId, runId, canceled: true }, `${scheduledRunId ?? runId} is canceled`);
}
