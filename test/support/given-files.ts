import type { Dataset, ScheduledRun } from '#contracts/items';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import { outcomeOf, runOf } from './run-outcome.ts';
import { addImage, newDataset, type RunWorld, scheduleRun } from './run-world.ts';

/** A dataset with these images, each with a content of its own. */
export async function datasetWithImages(world: RunWorld, fileNames: readonly string[]): Promise<Dataset> {
  const dataset = await newDataset(world);
  for (const [at, fileName] of fileNames.entries()) await addImage(world, dataset, fileName, at + 1);
  return dataset;
}

/** Puts files below `.lightly/` of a dataset; what is no text is written as JSON. */
export async function putLightly(
  world: RunWorld,
  { platformFolder: { bucket, prefix } }: Dataset,
  files: Readonly<Record<string, unknown>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const body = typeof content === 'string' ? content : JSON.stringify(content);
    const key = `${prefix}.lightly/${name}`;
    await world.objects.put({ bucket, key }, body, { contentType: 'application/json' });
  }
}

/** One entry of a selection. */
export const entry = (input: object, strategy: object) => ({ input, strategy });

/** What a run with this configuration has come to: its end, the names that it chose, and what it said. */
export async function resultOf(
  world: RunWorld,
  dataset: Dataset,
  {
    nSamples = 1,
    docker,
    ...selection
  }: {
    readonly nSamples?: number;
    readonly docker?: object;
    readonly lightlyPathRegex?: string;
    readonly strategies: readonly object[];
  },
  fields: Partial<ScheduledRun> = {},
) {
  const config = { docker: docker ?? {}, selection: { nSamples, ...selection } };
  const message = await scheduleRun(world, dataset, config, fields);
  await carryOutRun(message, world);
  const { state, samples, pending } = await outcomeOf(world, message.scheduledId);
  const { run } = await runOf(world, message.scheduledId);
  const lines = await world.runLogs.read(run.id, 0, 1_000);
  return {
    runId: run.id,
    state,
    chosen: samples.map(({ fileName }) => fileName).sort(),
    pending,
    states: run.messages.map((entry) => entry.state),
    last: run.messages.at(-1)?.message ?? '',
    warnings: lines.filter(({ level }) => level === 'WARNING').map(({ msg }) => msg),
  };
}
