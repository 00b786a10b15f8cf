import { InvalidInputError } from '#contracts/errors';
import { runPlanKey } from '#contracts/s3-keys';
import { newObjectId } from '#contracts/schema';
import { corruptnessFailure } from '#platform/runs/corruptness';
import { corruptnessFile } from '#platform/runs/run-artifacts';
import { countOutcomes, decideCandidates, rejectedDecisions } from '#platform/runs/run-decisions';
import type { RunPlan } from '#platform/runs/run-plan-lines';
import { type SortedCandidates, sortCandidates } from '#platform/runs/sort-candidates';
import { WORKER_VERSION } from '#platform/runs/worker-version';
import { select } from '#selection/select';
import { analyseSelection } from './analyse-selection.ts';
import { type Attempt, enterState, stopIfCanceled } from './attempt.ts';
import { loadInput, type RunInput } from './load-candidates.ts';
import { readPlan, writePlan } from './plan-file.ts';
import type { RunDeps } from './run-deps.ts';
import { StopRun } from './stop-run.ts';

/**
 * The plan of the run: the one that an earlier attempt has recorded, or else a new one, recorded unless another
 * attempt was faster.
 *
 * @throws StopRun where the run can't be carried out as it was ordered, or is canceled.
 */
export async function decideRun(attempt: Attempt, deps: RunDeps): Promise<RunPlan> {
  const { id: runId, planKey } = attempt.run;
  if (planKey !== undefined) return readPlan(planKey, deps);
  const ownKey = runPlanKey(attempt.dataset.id, runId, newObjectId(deps.now()));
  await writePlan(ownKey, await newPlan(attempt, deps), deps);
  // Read back even where it is its own: every attempt works from the very same bytes.
  return readPlan(await deps.runs.recordPlan(runId, ownKey), deps);
}

async function newPlan(attempt: Attempt, deps: RunDeps): Promise<RunPlan> {
  try {
    const input = await loadInput(attempt, deps);
    const candidates = sortCandidates(input.candidates, input.samples, attempt.run.createdAt);
    await checkCorruptness(attempt, input, candidates, deps);
    return await selectSamples(attempt, input, candidates, deps);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new StopRun('FAILED', error.message, [], { cause: error });
  }
}

async function checkCorruptness(
  attempt: Attempt,
  { config, candidates, samples }: RunInput,
  sorted: SortedCandidates,
  deps: RunDeps,
): Promise<void> {
  const loaded = `Loaded ${candidates.length} candidates and ${samples.length} samples of the dataset`;
  const warning = unanalysedWarning(samples.length - sorted.datapool.length);
  await enterState(attempt, 'LOADING_METADATA', `${loaded}, with their metadata.${warning}`, deps);
  const rejected = rejectedDecisions(sorted);
  const { corrupt, unsupported } = countOutcomes(rejected);
  const found = `Of ${candidates.length} candidates, ${corrupt} are corrupt and ${unsupported} are not supported.`;
  await enterState(attempt, 'CHECKING_CORRUPTNESS', found, deps);
  const sound = candidates.length - rejected.length;
  const { corruptionThreshold: threshold } = config.docker.corruptnessCheck;
  const failure = corruptnessFailure({ corrupt, sound, threshold });
  if (failure !== undefined) throw new StopRun('FAILED', failure, [corruptnessFile(rejected)]);
}

/** Nothing is known of the image of a sample that a client has added and that never came to the landing folder. */
function unanalysedWarning(samples: number): string {
  if (samples === 0) return '';
  return ` Warning: ${samples} samples were added by a client and have no embedding; the selection can't look at them.`;
}

async function selectSamples(
  attempt: Attempt,
  { config }: RunInput,
  candidates: SortedCandidates,
  deps: RunDeps,
): Promise<RunPlan> {
  const { selectable, duplicates, datapool } = candidates;
  const onArrival = `of ${selectable.length} images was computed when they arrived.`;
  await enterState(attempt, 'COMPUTING_METADATA', `Metadata ${onArrival}`, deps);
  await enterState(attempt, 'EMBEDDING', `The embedding ${onArrival}`, deps);
  const from = `Selecting from ${selectable.length} images; left out ${duplicates.length} exact duplicates.`;
  await enterState(attempt, 'SAMPLING', from, deps);
  const { images, analyse } = analyseSelection(selectable, datapool, attempt.run.id);
  const selection = await select({
    config: config.selection,
    candidates: images,
    preselected: datapool.map(({ facts }) => ({ embedding: facts.embedding })),
    onProgress: () => stopIfCanceled(attempt),
  });
  const { dataset, run, memory } = attempt;
  const decisions = decideCandidates(run, candidates, selection, dataset.sampleCount);
  const header = {
    version: 1 as const,
    runId: run.id,
    datasetId: dataset.id,
    datasetName: dataset.name,
    decidedAt: deps.now(),
    workerVersion: WORKER_VERSION,
    firstIndex: dataset.sampleCount,
    processedUntil: run.cutoff,
    preselected: datapool.length,
    counts: countOutcomes(decisions),
    memory,
    analysis: analyse(selection.chosen.map(({ index }) => index)),
  };
  return { header, decisions };
}
