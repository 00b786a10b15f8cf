import pMap from 'p-map';
import type { RunDecision, RunOutcome } from '#contracts/run-plan';
import { imageGroups } from '#platform/runs/image-groups';
import type { RunPlan } from '#platform/runs/run-plan-lines';
import { type Attempt, enterState } from '../attempt.ts';
import type { RunDeps } from '../run-deps.ts';
import { noteGoneImages } from './note-gone-images.ts';
import { recordFacts } from './record-facts.ts';
import { saveCrops } from './save-crops.ts';
import { writeTags } from './write-tags.ts';

const SAMPLES_PER_WRITE = 500;
/** Each is one small conditional write. */
const CONCURRENT_SETTLEMENTS = 32;

/**
 * Carries out the plan: samples, then the tags that name them, then the dataset's progress, and last the candidates,
 * which are settled only when everything that they led to is there. Where the datapool is to stay as it is, nothing of it
 * is carried out, and the candidates stay pending.
 */
export async function saveResults(attempt: Attempt, plan: RunPlan, deps: RunDeps): Promise<void> {
  const { header, decisions } = plan;
  if (header.leavesDatapool) return;
  const { counts } = header;
  const saving = `Writing ${counts.selected} new samples and ${counts.refreshed} refreshed ones.`;
  await enterState(attempt, 'SAVING_RESULTS', saving, deps);
  const addedBytes = await writeSamples(attempt, plan, deps);
  await enterState(attempt, 'UPLOADING_DATASET', 'Writing the tags and settling the candidates.', deps);
  if (counts.selected > 0) {
    const { id } = attempt.run;
    await deps.runs.recordTag(id, await writeTags(attempt.run, header, deps));
  }
  await noteGoneImages(plan, deps);
  await saveCrops(attempt, plan, deps);
  await deps.datasets.advance(header.datasetId, {
    sampleCount: header.firstIndex + counts.selected,
    processedUntil: header.processedUntil,
    addedBytes,
  });
  const { datasetId, regroupedImages } = header;
  const regroup = ({ group, ...state }: (typeof regroupedImages)[number]) =>
    deps.rawSamples.regroup({ datasetId, ...state }, group);
  await pMap(regroupedImages, regroup, { concurrency: CONCURRENT_SETTLEMENTS });
  const groups = imageGroups(plan);
  const beside = await recordFacts(attempt, groups, deps);
  const settle = ({ fileName, registeredAt }: Pick<RunDecision, 'fileName' | 'registeredAt'>) =>
    deps.rawSamples.settle({ datasetId, fileName, registeredAt }, groups.get(fileName)?.group);
  await pMap(decisions, settle, { concurrency: CONCURRENT_SETTLEMENTS });
  await pMap(beside, (written) => deps.rawSamples.settleChanged(written), {
    concurrency: CONCURRENT_SETTLEMENTS,
  });
}

/**
 * Returns the bytes of the new samples' images. Once the new ones are members of the dataset, a client may have
 * renamed them or said something of them, so they are not written again.
 */
async function writeSamples(
  { dataset }: Attempt,
  { header, decisions }: RunPlan,
  deps: RunDeps,
): Promise<number> {
  const written = (wanted: RunOutcome) =>
    decisions.flatMap(({ outcome, sample }) => (outcome === wanted && sample ? [sample] : []));
  const selected = written('selected');
  const areMembers = dataset.sampleCount >= header.firstIndex + selected.length;
  for (let from = 0; from < selected.length && !areMembers; from += SAMPLES_PER_WRITE) {
    await deps.samples.put(selected.slice(from, from + SAMPLES_PER_WRITE));
  }
  await pMap(written('refreshed'), (sample) => deps.samples.refresh(sample), {
    concurrency: CONCURRENT_SETTLEMENTS,
  });
  const regroup = ({ index, group }: (typeof header.regrouped)[number]) =>
    deps.samples.update(header.datasetId, index, { group });
  await pMap(header.regrouped, regroup, { concurrency: CONCURRENT_SETTLEMENTS });
  return selected.reduce((sum, { facts }) => sum + (facts?.metadata.sizeInBytes ?? 0), 0);
}
