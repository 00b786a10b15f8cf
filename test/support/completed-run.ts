import type { Dataset, Run } from '#contracts/items';
import type { ExportMessage } from '#contracts/messages';
import { changeSettings } from '#platform/datasets/change-settings';
import { newLandingDataset } from '#platform/datasets/datasets';
import { checkSelectionConfig } from '#selection/select';
import { fanOut } from '../../functions/complete/fan-out.ts';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import { runOf } from './run-outcome.ts';
import { addImage, newDataset, type RunWorld, scheduleRun } from './run-world.ts';

export interface CompletedRun {
  readonly dataset: Dataset;
  readonly run: Run;
}

/** A dataset with these settings and a completed run that selected two of four images. */
export async function completedRun(world: RunWorld, settings: object = {}): Promise<CompletedRun> {
  const { id, name } = await newDataset(world);
  const make = () => newLandingDataset(id, name, { landing: 'landing', platform: 'platform' }, 0);
  await changeSettings(
    { name, document: settings, make },
    { ...world, checkSelection: checkSelectionConfig },
  );
  const dataset = await world.datasets.findByName(name);
  if (!dataset) throw new Error(`Dataset '${name}' is gone.`);
  for (const content of [1, 2, 3, 4]) await addImage(world, dataset, `${content} & more.jpg`, content);
  return { dataset, run: await nextRun(world, dataset) };
}

/** One more completed run of the dataset, over whatever is pending. */
export async function nextRun(world: RunWorld, dataset: Dataset): Promise<Run> {
  const message = await scheduleRun(world, dataset);
  await carryOutRun(message, world);
  return (await runOf(world, message.scheduledId)).run;
}

/** Fans a run out and takes the export messages off their queue. */
export async function exportMessages(
  world: RunWorld,
  { dataset, run }: CompletedRun,
): Promise<ExportMessage[]> {
  await world.received('exportQueue');
  await fanOut({ datasetId: dataset.id, runId: run.id }, world);
  return world.received<ExportMessage>('exportQueue');
}
