import pMap from 'p-map';
import { RetryableError } from '#contracts/errors';
import type { Tag } from '#contracts/items';
import type { RunPlan } from '#platform/runs/run-plan-lines';
import { initialTag, runTag } from '#platform/tags/run-tags';
import { type Attempt, enterState } from './attempt.ts';
import type { RunDeps } from './run-deps.ts';

const SAMPLES_PER_WRITE = 500;
/** Each is one small conditional write. */
const CONCURRENT_SETTLEMENTS = 32;
/** Runs of one dataset that were created within the same second. */
const MOST_TAG_NAME_CLASHES = 100;

/**
 * Carries out the plan: samples, then the tags that name them, then the dataset's progress, and last the candidates,
 * which are settled only when everything that they led to is there.
 */
export async function saveResults(attempt: Attempt, plan: RunPlan, deps: RunDeps): Promise<void> {
  const { header, decisions } = plan;
  const { counts } = header;
  const saving = `Writing ${counts.selected} new samples and ${counts.refreshed} refreshed ones.`;
  await enterState(attempt, 'SAVING_RESULTS', saving, deps);
  const samples = decisions.flatMap(({ sample }) => sample ?? []);
  for (let from = 0; from < samples.length; from += SAMPLES_PER_WRITE) {
    await deps.samples.put(samples.slice(from, from + SAMPLES_PER_WRITE));
  }
  await enterState(attempt, 'UPLOADING_DATASET', 'Writing the tags and settling the candidates.', deps);
  if (counts.selected > 0) await writeTags(attempt, plan, deps);
  await deps.datasets.advance(header.datasetId, {
    sampleCount: header.firstIndex + counts.selected,
    processedUntil: header.processedUntil,
  });
  const settle = ({ fileName, registeredAt }: (typeof decisions)[number]) =>
    deps.rawSamples.settle({ datasetId: header.datasetId, fileName, registeredAt });
  await pMap(decisions, settle, { concurrency: CONCURRENT_SETTLEMENTS });
}

async function writeTags(attempt: Attempt, { header }: RunPlan, deps: RunDeps): Promise<void> {
  const grown = initialTag(attempt.run, header);
  const stored = await deps.tags.create(grown);
  const initial = { ...stored, ...sizeOf(grown), lastModifiedAt: grown.lastModifiedAt };
  if (stored.totSize < grown.totSize) await deps.tags.grow(initial);
  for (let clash = 0; clash < MOST_TAG_NAME_CLASHES; clash++) {
    const tag = await deps.tags.create(runTag(attempt.run, header, initial, clash));
    if (tag.runId === attempt.run.id) {
      await deps.runs.recordTag(attempt.run.id, tag.name);
      return;
    }
  }
  throw new RetryableError('TAG_NAME_TAKEN', `No tag name is free for run '${attempt.run.id}'.`);
}

const sizeOf = ({ bitMaskData, totSize }: Tag) => ({ bitMaskData, totSize });
