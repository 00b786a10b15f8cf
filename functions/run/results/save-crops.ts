import pMap from 'p-map';
import { InProgressError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { AnalysedSample, Sample } from '#contracts/samples';
import { cropDatasetNameOf, isCropDatasetOf, newCropDataset } from '#platform/datasets/crop-dataset';
import type { RunPlan } from '#platform/runs/run-plan-lines';
import { sampleIdOf } from '#platform/samples/sample-id';
import { endOfMask } from '#platform/tags/bit-mask';
import { runTagId } from '#platform/tags/run-tags';
import { type Attempt, tellProgress, warn } from '../attempt.ts';
import type { RunDeps } from '../run-deps.ts';
import { runImages } from '../run-images.ts';
import { type CropSource, cutCrops } from './cut-crops.ts';
import { writeTags } from './write-tags.ts';

/** Each is read and decoded; its crops are written one after another. */
const CONCURRENT_IMAGES = 2;
const SAMPLES_PER_WRITE = 500;

/**
 * Keeps the object crops of what was selected as samples of datasets of their own, one for each task. It can be
 * repeated, from wherever a worker died: the dataset is locked from before its samples are counted until they are
 * members; the run's tag in it is written before they are, and says on a repetition that only that step is missing.
 */
export async function saveCrops(attempt: Attempt, plan: RunPlan, deps: RunDeps): Promise<void> {
  const tasks = new Set(plan.decisions.flatMap(({ crops = [] }) => crops.map(({ task }) => task)));
  for (const task of [...tasks].sort()) await saveCropsOfTask(attempt, plan, task, deps);
}

async function saveCropsOfTask(attempt: Attempt, plan: RunPlan, task: string, deps: RunDeps): Promise<void> {
  const { dataset: parent, scheduled } = attempt;
  const name = plan.header.cropDatasetNames?.[task] ?? cropDatasetNameOf(parent, task);
  const found = await deps.datasets.ensure(name, (id) => newCropDataset(id, name, parent, deps.now()));
  if (!isCropDatasetOf(found, parent)) {
    warn(
      attempt,
      `The object crops of task '${task}' were not kept: another dataset is called '${name}'. Rename that one, or ` +
        'set docker.crops.enableUpload to false.',
    );
    return;
  }
  if (!(await deps.datasets.lock(found.id, scheduled.id))) {
    throw new InProgressError(`Another run is at work on dataset '${name}', where object crops are kept.`);
  }
  // Read again: until it was locked, a client could have added samples.
  const dataset = (await deps.datasets.get(found.id)) ?? found;
  await addCrops(attempt, plan, { task, dataset }, deps);
  await deps.datasets.unlock(dataset.id, scheduled.id);
}

async function addCrops(
  attempt: Attempt,
  plan: RunPlan,
  { task, dataset }: { readonly task: string; readonly dataset: Dataset },
  deps: RunDeps,
): Promise<void> {
  const { run } = attempt;
  const { processedUntil } = dataset;
  const written = await deps.tags.get(dataset.id, runTagId(run.id));
  if (written) {
    return deps.datasets.advance(dataset.id, { sampleCount: endOfMask(written.bitMaskData), processedUntil });
  }
  const samples = await cutSamples(attempt, plan, { task, dataset }, deps);
  if (samples.length === 0) return;
  for (let from = 0; from < samples.length; from += SAMPLES_PER_WRITE) {
    await deps.samples.put(samples.slice(from, from + SAMPLES_PER_WRITE));
  }
  const firstIndex = dataset.sampleCount;
  const counts = { ...plan.header.counts, selected: samples.length };
  await writeTags(run, { ...plan.header, datasetId: dataset.id, firstIndex, counts }, deps);
  const addedBytes = samples.reduce((sum, { facts }) => sum + (facts?.metadata.sizeInBytes ?? 0), 0);
  const sampleCount = firstIndex + samples.length;
  await deps.datasets.advance(dataset.id, { sampleCount, processedUntil, addedBytes });
}

/** In the order in which their images were selected. */
async function cutSamples(
  attempt: Attempt,
  { decisions }: RunPlan,
  { task, dataset }: { readonly task: string; readonly dataset: Dataset },
  deps: RunDeps,
): Promise<Sample[]> {
  const sources = decisions
    .flatMap(({ sample, crops = [] }): CropSource[] => {
      const ofTask = crops.filter((crop) => crop.task === task);
      return sample?.facts && ofTask.length > 0 ? [{ sample: sample as AnalysedSample, crops: ofTask }] : [];
    })
    .sort((a, b) => a.sample.index - b.sample.index);
  const images = runImages(attempt.dataset, deps);
  let done = 0;
  const cut = await pMap(
    sources,
    async (source) => {
      const crops = await cutCrops(source, dataset, { ...deps, images });
      if (crops.length === 0) {
        warn(
          attempt,
          `No object crops of '${source.sample.fileName}' were kept: it or its embedding model is gone, or can't be read.`,
        );
      }
      done += 1;
      await tellProgress(attempt, done / sources.length, deps);
      return crops;
    },
    { concurrency: CONCURRENT_IMAGES },
  );
  return cut.flat().map((crop, offset) => {
    const index = dataset.sampleCount + offset;
    return { ...crop, index, id: sampleIdOf(dataset.id, index) };
  });
}
