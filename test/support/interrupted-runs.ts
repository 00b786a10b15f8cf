import type { Dataset } from '#contracts/items';
import type { RunMessage } from '#contracts/messages';
import { verifyAndNote } from '#platform/datasources/verify-and-note';
import type { RunDeps } from '../../functions/run/run-deps.ts';
import { cropsOf } from './crop-datasets.ts';
import { outcomeOf, runOf } from './run-outcome.ts';
import type { RunWorld } from './run-world.ts';

type Open = RunDeps['datasetImages']['open'];

/** Runs whose datasource may refuse: how they are disturbed, and what they have come to. */
export const interruptedRuns = (world: RunWorld) => ({
  /** A worker to which `before` happens each time before it opens an image. */
  workerWith: (before: (image: number) => Promise<unknown>): RunDeps => {
    let images = 0;
    const open: Open = async (...image) => {
      await before(images++);
      return world.datasetImages.open(...image);
    };
    return { ...world, datasetImages: { ...world.datasetImages, open } };
  },

  /** What reconcile does every few minutes where a datasource has a problem. */
  verified: async (dataset: Dataset) => {
    await verifyAndNote(dataset, world);
    return (await world.datasourceStates.get(dataset.id))?.problem;
  },

  /** What a run has come to, without what differs from run to run. */
  resultOf: async (dataset: Dataset, { scheduledId }: RunMessage) => {
    const { run } = await runOf(world, scheduledId);
    const { state, samples, tags, pending, scheduled, isLocked } = await outcomeOf(world, scheduledId);
    const crops = (await cropsOf(world, dataset))?.samples ?? [];
    return {
      ...{ state, tags, pending, scheduled, isLocked },
      samples: samples.map(({ index, fileName }) => [index, fileName]),
      crops: crops.map(({ fileName, facts }) => [fileName, facts?.sha256]),
      attempts: run.attempts,
    };
  },

  /** A run that has not ended, and the last thing that it said. */
  waiting: async ({ scheduledId }: RunMessage) => {
    const { run } = await runOf(world, scheduledId);
    const scheduled = await world.scheduledRuns.get(scheduledId);
    return { ...run, scheduled: scheduled?.state, message: run.messages.at(-1)?.message ?? '' };
  },
});
export type InterruptedRuns = ReturnType<typeof interruptedRuns>;
