import { corruptnessFailure } from '#platform/runs/corruptness';
import { countOutcomes, decideCandidates, rejectedDecisions } from '#platform/runs/run-decisions';
import type { RunPlan } from '#platform/runs/run-plan-lines';
import { type SortedCandidates, sortCandidates } from '#platform/runs/sort-candidates';
import { WORKER_VERSION } from '#platform/runs/worker-version';
import { corruptnessFile } from '#report/text-artifacts';
import { neededFacts } from '#selection/needed-facts';
import { imageVectors } from './image-vectors.ts';
import { groupCandidates } from './near-duplicates/group-near-duplicates.ts';
import { reportFacts } from './report-facts.ts';
import type { RunControl } from './run-control.ts';
import type { RunInput } from './run-input.ts';
import { selectImages } from './select-images.ts';
import { activeLearningScores, type ScoresByTask, selectionImages } from './selection-images.ts';
import { failingByInvalidInput, StopRun } from './stop-run.ts';

/**
 * Decides what becomes of every candidate.
 *
 * @throws StopRun where the run can't be carried out as it was ordered, or is canceled.
 */
export function planRun(input: RunInput, control: RunControl): Promise<RunPlan> {
  return failingByInvalidInput(async () => {
    for (const warning of input.given.warnings) control.warn(warning);
    const { run, samples, embeddingModel } = input;
    const candidates = sortCandidates(input.candidates, samples, run.createdAt, embeddingModel);
    warnOfOutdated(candidates, embeddingModel, control);
    await checkCorruptness(input, candidates, control);
    return selectSamples(input, candidates, control);
  });
}

/** While a dataset changes its model, a run may find images that are still to be described by the new one. */
function warnOfOutdated({ outdated }: SortedCandidates, model: string, control: RunControl): void {
  const { candidates, samples } = outdated;
  if (candidates + samples === 0) return;
  control.warn(
    `${candidates} candidates and ${samples} samples are still to be described by the embedding model '${model}'. This ` +
      'run looks at those that are; the other candidates wait for a later run.',
  );
}

async function checkCorruptness(
  { config, candidates }: RunInput,
  sorted: SortedCandidates,
  control: RunControl,
): Promise<void> {
  const rejected = rejectedDecisions(sorted);
  const { corrupt, unsupported } = countOutcomes(rejected);
  const found = `Of ${candidates.length} candidates, ${corrupt} are corrupt and ${unsupported} are not supported.`;
  await control.enter('CHECKING_CORRUPTNESS', found);
  const sound = candidates.length - rejected.length;
  const { corruptionThreshold: threshold } = config.docker.corruptnessCheck;
  const failure = corruptnessFailure({ corrupt, sound, threshold });
  if (failure !== undefined) throw new StopRun('FAILED', failure, [corruptnessFile(rejected)]);
}

async function selectSamples(
  input: RunInput,
  candidates: SortedCandidates,
  control: RunControl,
): Promise<RunPlan> {
  const { run, dataset, config, given } = input;
  const { selectable, duplicates, datapool } = candidates;
  const vectors = await imageVectors(input, candidates, control);
  const scores = await scoreImages(config, given, control);
  const from = `Selecting from ${selectable.length} images; left out ${duplicates.length} exact duplicates.`;
  await control.enter('SAMPLING', from);
  const groups = await groupCandidates(input, candidates, control);
  const request = {
    config: config.selection,
    candidates: selectionImages(selectable, given, scores).map(vectors.of),
    preselected: selectionImages(datapool, given, scores).map(vectors.of),
    tasks: given.tasks,
    queries: given.queries.map(vectors.ofQuery),
    onProgress: (share: number) => control.progress(share),
  };
  const selection = await selectImages(request, config.docker.selectedSequenceLength, groups, control.select);
  for (const note of selection.notes) control.warn(note);
  const decisions = vectors.withCrops(
    decideCandidates(run, candidates, selection, dataset.sampleCount, {
      ...groups,
      ...selection,
    }),
  );
  const chosen = selection.chosen.map(({ index }) => index);
  const choice = { images: request.candidates, preselected: request.preselected, chosen };
  const header = {
    ...headerOf(input, control),
    preselected: datapool.length,
    counts: countOutcomes(decisions),
    regrouped: [...groups.regrouped],
    regroupedImages: [...groups.regroupedImages],
    ...(await reportFacts(input, choice, decisions)),
    ...vectors.left,
  };
  return { header, decisions };
}

/** What a plan says of its run, whatever was decided. */
function headerOf({ run, dataset, config }: RunInput, control: RunControl) {
  const { datasource, selectedSequenceLength: sequenceLength } = config.docker;
  return {
    version: 1 as const,
    runId: run.id,
    datasetId: dataset.id,
    datasetName: dataset.name,
    decidedAt: control.now(),
    workerVersion: WORKER_VERSION,
    firstIndex: dataset.sampleCount,
    processedUntil: run.cutoff,
    memory: [...control.memory],
    ...(!datasource.enableDatapoolUpdate && { leavesDatapool: true as const }),
    ...(sequenceLength > 1 && { sequenceLength }),
  };
}

/** The active-learning scores that the selection looks at. */
async function scoreImages(
  { selection }: RunInput['config'],
  given: RunInput['given'],
  control: RunControl,
): Promise<ScoresByTask> {
  const { scores } = neededFacts(selection);
  if (scores.length === 0) return new Map();
  const names = scores.map(({ task, score }) => `${score} of ${task}`).join(', ');
  await control.enter('COMPUTING_ACTIVE_LEARNING_SCORES', `Scores that the selection looks at: ${names}.`);
  return activeLearningScores(given, scores);
}
