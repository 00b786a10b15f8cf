import type { Run } from '#contracts/items';
import type { Sample } from '#contracts/samples';
import type { Tag } from '#contracts/tags';
import { indexesOfMask } from '#platform/tags/bit-mask';
import { collect } from './documents.ts';
import { objectsUnder, type RunWorld } from './run-world.ts';

/** What is left of a run for others to see, without ids and times. */
export interface RunOutcome {
  readonly state: Run['state'];
  readonly samples: readonly Pick<Sample, 'index' | 'fileName' | 'selection'>[];
  readonly tags: readonly (Pick<Tag, 'totSize'> & { readonly fileNames: readonly string[] })[];
  readonly pending: readonly string[];
  readonly scheduled: string;
  readonly isLocked: boolean;
  readonly selection: string;
}

/** Reads what a run left behind; `scheduledId` is that of its scheduled run. */
export async function outcomeOf(world: RunWorld, scheduledId: string): Promise<RunOutcome> {
  const { run, artifacts } = await runOf(world, scheduledId);
  const samples = await collect(world.samples.range(run.datasetId, 0, 1_000));
  const tags = await collect(world.tags.list(run.datasetId));
  const nameOf = (index: number) => samples[index]?.fileName ?? `missing ${index}`;
  const dataset = await world.datasets.get(run.datasetId);
  const pending = await collect(world.rawSamples.listPending(run.datasetId, Number.MAX_SAFE_INTEGER / 1024));
  return {
    state: run.state,
    samples: samples.map(({ index, fileName, selection }) => ({ index, fileName, selection })),
    tags: tags.map(({ totSize, bitMaskData }) => ({
      totSize,
      fileNames: [...indexesOfMask(bitMaskData)].map(nameOf),
    })),
    pending: pending.map(({ fileName }) => fileName).sort(),
    scheduled: (await world.scheduledRuns.get(scheduledId))?.state ?? 'missing',
    isLocked: dataset?.lockedBy !== undefined,
    selection: artifacts.get('selection.csv')?.toString() ?? '',
  };
}

/** The run of a scheduled run and the bytes of its artifacts by file name. */
export async function runOf(world: RunWorld, scheduledId: string) {
  const scheduled = await world.scheduledRuns.get(scheduledId);
  const stored = await world.runs.get(scheduled?.runId ?? '');
  if (!scheduled || !stored) throw new Error(`Scheduled run ${scheduledId} has no run.`);
  const run = { ...stored, datasetId: scheduled.datasetId };
  return { run, artifacts: await artifactsOf(world, run) };
}

export async function artifactsOf(world: RunWorld, { datasetId, id }: Run): Promise<Map<string, Buffer>> {
  const found = await objectsUnder(
    world.objects,
    world.platformBucket,
    `datasets/${datasetId}/runs/${id}/artifacts/`,
  );
  return new Map([...found].map(([key, bytes]) => [key.slice(key.lastIndexOf('/') + 1), bytes]));
}
