import type { RegisteredRawSample, Run } from '#contracts/items';
import type { NearDuplicateGroup } from '#contracts/near-duplicates';
import { RUN_OUTCOMES, type RunDecision, type RunOutcome } from '#contracts/run-plan';
import type { SelectionTrace } from '#contracts/samples';
import type { SelectionStop } from '#contracts/selection-stop';
import { sampleIdOf } from '../samples/sample-id.ts';
import { outcomeOfRejection } from './corruptness.ts';
import { sourceOf } from './sample-source.ts';
import type { SortedCandidates } from './sort-candidates.ts';

type PlannedRun = Pick<Run, 'id' | 'createdAt'>;

/** What the selection made of the selectable candidates; indexes are positions among them. */
export interface SelectionOutcome {
  /** In order of choice. */
  readonly chosen: readonly (SelectionTrace & { readonly index: number })[];
  readonly filteredOut: readonly { readonly index: number; readonly reason: string }[];
  readonly stoppedBy: SelectionStop;
}

/** The group of near-duplicates of an image, by its file name. */
export type GroupOf = (fileName: string) => NearDuplicateGroup | undefined;

/** A selectable candidate that is left out because an image that is nearly the same is kept. */
export interface NearDuplicateOf {
  readonly fileName: string;
  readonly keptAs: string;
}

/** What is known of near-duplicates among the candidates. */
export interface NearDuplicateFindings {
  readonly groupOf: GroupOf;
  readonly nearDuplicates: readonly NearDuplicateOf[];
}

/** Refused files, each with its reason: known before anything is selected. */
export function rejectedDecisions({ rejected }: Pick<SortedCandidates, 'rejected'>): RunDecision[] {
  return rejected.map(({ fileName, registeredAt, rejection }) => ({
    fileName,
    registeredAt,
    outcome: outcomeOfRejection(rejection.code),
    reason: `${rejection.code}: ${rejection.reason}`,
  }));
}

/**
 * What becomes of every candidate, by file name.
 *
 * @param firstIndex - index of the first sample that is added; samples follow in the order of choice
 * @param findings - absent where nobody has looked for near-duplicates
 */
export function decideCandidates(
  run: PlannedRun,
  candidates: SortedCandidates,
  selection: SelectionOutcome,
  firstIndex: number,
  { groupOf, nearDuplicates }: NearDuplicateFindings = NOTHING_FOUND,
): RunDecision[] {
  const refreshed = candidates.refreshed.map(
    ({ rawSample: { fileName, registeredAt }, sample }): RunDecision => ({
      fileName,
      registeredAt,
      outcome: 'refreshed',
      reason: `Already sample ${sample.index} of the dataset; its facts are those of the stored object.`,
      sample,
    }),
  );
  const duplicates = candidates.duplicates.map(
    ({ rawSample: { fileName, registeredAt }, keptAs }): RunDecision => ({
      fileName,
      registeredAt,
      outcome: 'duplicate',
      reason: `The same bytes as ${keptAs}.`,
      keptAs,
    }),
  );
  const keptAs = new Map(nearDuplicates.map((each) => [each.fileName, each.keptAs]));
  const selected = selectableDecisions(run, candidates.selectable, selection, firstIndex).map((decision) =>
    leftOutFor(keptAs.get(decision.fileName), decision),
  );
  const grouped = [...refreshed, ...selected].map((decision) =>
    withGroup(decision, groupOf(decision.fileName)),
  );
  return [...rejectedDecisions(candidates), ...duplicates, ...grouped].sort((a, b) =>
    a.fileName < b.fileName ? -1 : 1,
  );
}

const NOTHING_FOUND: NearDuplicateFindings = { groupOf: () => undefined, nearDuplicates: [] };

function leftOutFor(keptAs: string | undefined, decision: RunDecision): RunDecision {
  if (keptAs === undefined) return decision;
  const reason = `Nearly the same as ${keptAs}, and one image of each group is kept.`;
  return { ...decision, outcome: 'near-duplicate', reason, keptAs };
}

function withGroup(decision: RunDecision, group: NearDuplicateGroup | undefined): RunDecision {
  if (!group) return decision;
  const { sample } = decision;
  return { ...decision, group, ...(sample && { sample: { ...sample, group } }) };
}

function selectableDecisions(
  run: PlannedRun,
  selectable: readonly RegisteredRawSample[],
  { chosen, filteredOut, stoppedBy }: SelectionOutcome,
  firstIndex: number,
): RunDecision[] {
  const traces = new Map(chosen.map(({ index, ...trace }) => [index, trace]));
  const failures = new Map(filteredOut.map(({ index, reason }) => [index, reason]));
  const leftOver = reasonLeftOver(stoppedBy, chosen.length);
  return selectable.map((rawSample, index): RunDecision => {
    const { fileName, registeredAt } = rawSample;
    const trace = traces.get(index);
    if (!trace) {
      return { fileName, registeredAt, outcome: 'not-selected', reason: failures.get(index) ?? leftOver };
    }
    const sample = newSample(run, rawSample, trace, firstIndex + trace.step);
    return { fileName, registeredAt, outcome: 'selected', ...trace, sample };
  });
}

function reasonLeftOver(stoppedBy: SelectionOutcome['stoppedBy'], chosen: number): string {
  switch (stoppedBy) {
    case 'count':
      return `Not among the ${chosen} that were asked for: others were preferred.`;
    case 'distance':
      return 'Nearer to a chosen image than the minimum distance allows.';
    case 'typicality':
      return 'Less typical than the minimum typicality asks for.';
    case 'sum':
      return `Not among the ${chosen} whose sum reaches the maximum: others were preferred.`;
    case 'range':
      return 'It would take a sum out of its target range.';
    case 'candidates':
      return 'Not chosen.';
    default:
      return stoppedBy satisfies never;
  }
}

function newSample(
  run: PlannedRun,
  rawSample: RegisteredRawSample,
  selection: SelectionTrace,
  index: number,
) {
  const { datasetId, fileName, facts } = rawSample;
  return {
    id: sampleIdOf(datasetId, index),
    datasetId,
    index,
    type: 'IMAGE' as const,
    fileName,
    ...sourceOf(rawSample),
    createdAt: run.createdAt,
    lastModifiedAt: run.createdAt,
    runId: run.id,
    selection,
    facts,
  };
}

/** How many candidates came to each outcome; outcomes that nothing came to are 0. */
export function countOutcomes(decisions: readonly RunDecision[]): Record<RunOutcome, number> {
  const counts = Object.fromEntries(RUN_OUTCOMES.map((outcome) => [outcome, 0])) as Record<
    RunOutcome,
    number
  >;
  for (const { outcome } of decisions) counts[outcome] += 1;
  return counts;
}
