import type { Dataset, RawSample, Run } from '#contracts/items';
import type { RunDecision } from '#contracts/run-plan';
import type { Sample } from '#contracts/samples';
import { countOutcomes } from '../runs/run-decisions.ts';
import type { RunPlan } from '../runs/run-plan-lines.ts';
import { sampleIdOf } from '../samples/sample-id.ts';

/** What a plan from elsewhere is held against. */
export interface PlanContext {
  readonly run: Run;
  readonly dataset: Dataset;
  /** The raw samples that the plan names, by file name. */
  readonly rawSamples: ReadonlyMap<string, RawSample>;
  /** The samples that the plan refreshes, by index. */
  readonly samples: ReadonlyMap<number, Sample>;
}

/**
 * Why a plan that a worker elsewhere has handed in can't be carried out: the first thing that is wrong, as a sentence that
 * names the candidate. A plan says where images are, and URLs to these are signed later, so a sample has to be where the
 * pipeline itself has found the image.
 */
export function planFault({ header, decisions }: RunPlan, context: PlanContext): string | undefined {
  const { run, dataset } = context;
  if (header.runId !== run.id || header.datasetId !== dataset.id) return 'It is the plan of another run.';
  if (header.firstIndex !== dataset.sampleCount) return `Its first index is not ${dataset.sampleCount}.`;
  const counts = countOutcomes(decisions);
  for (const [outcome, count] of Object.entries(counts)) {
    const told = header.counts[outcome as keyof typeof counts];
    if (told !== count) return `It counts ${told} candidates as ${outcome} and names ${count}.`;
  }
  const indexes = new Set<number>();
  let before = '';
  for (const decision of decisions) {
    const fault =
      decisionFault(decision, before, context) ?? indexFault(decision, indexes, header.firstIndex);
    if (fault !== undefined) return `Candidate '${decision.fileName}': ${fault}.`;
    before = decision.fileName;
  }
  const beyond = [...indexes].find((index) => index >= header.firstIndex + counts.selected);
  return beyond === undefined
    ? undefined
    : `Indexes of new samples are not consecutive: there is a ${beyond}.`;
}

function decisionFault(decision: RunDecision, before: string, context: PlanContext): string | undefined {
  const { fileName, outcome, registeredAt, sample, group } = decision;
  const rawSample = context.rawSamples.get(fileName);
  if (fileName <= before) return 'it is not in the order of file names';
  if (!rawSample) return 'the dataset has no such image';
  if (registeredAt > context.run.cutoff) return 'it arrived after the run had begun';
  // What was uploaded again meanwhile is newer, never older.
  if (registeredAt > rawSample.registeredAt) return 'it was never registered at that time';
  const isSameState = registeredAt === rawSample.registeredAt;
  if (group && isSameState && rawSample.state !== 'registered') return 'it has a group and is no sound image';
  if ((outcome === 'selected' || outcome === 'refreshed') !== (sample !== undefined)) {
    return `as ${outcome} it must ${sample ? 'have no' : 'have a'} sample`;
  }
  return sample && sampleFault(sample, decision, rawSample, context);
}

function sampleFault(
  sample: Sample,
  { fileName, outcome }: RunDecision,
  rawSample: RawSample,
  { run, dataset, samples }: PlanContext,
): string | undefined {
  if (sample.fileName !== fileName || sample.datasetId !== dataset.id) return 'its sample is another one';
  if (sample.id !== sampleIdOf(dataset.id, sample.index))
    return 'the id of its sample is not that of its index';
  if (sample.bucket !== rawSample.bucket || sample.key !== rawSample.key) return 'its image is elsewhere';
  const { thumbName, thumbIn } = sample;
  if (
    rawSample.state === 'registered' &&
    (thumbName !== rawSample.thumbName || thumbIn !== rawSample.thumbIn)
  ) {
    return 'its thumbnail is elsewhere';
  }
  if (outcome === 'selected') return sample.runId === run.id ? undefined : 'its sample is of another run';
  return samples.get(sample.index)?.fileName === fileName ? undefined : 'it is no sample of the dataset yet';
}

/** Notes the index of a new sample. */
function indexFault(
  { outcome, sample }: RunDecision,
  indexes: Set<number>,
  firstIndex: number,
): string | undefined {
  if (outcome !== 'selected' || !sample) return undefined;
  if (sample.index < firstIndex || indexes.has(sample.index)) return `index ${sample.index} is taken`;
  indexes.add(sample.index);
  return undefined;
}
