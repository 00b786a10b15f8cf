import type { SelectionConfig } from '#contracts/selection-config';
import type {
  FilteredOutCandidate,
  PreselectedSample,
  SelectionCandidate,
  SelectionQuery,
  SelectionResult,
  SelectionTask,
} from './candidate.ts';
import { type ConfiguredStrategy, compileConfig } from './compile-config.ts';
import { chooseGreedily } from './greedy.ts';
import { withPathMetadata } from './inputs/path-metadata.ts';
import { type OnProgress, Progress } from './progress.ts';
import { requestedCount } from './sample-count.ts';
import type {
  FilterStrategy,
  Objective,
  ObjectiveStrategy,
  SelectionContext,
  SelectionFacts,
} from './strategies/strategy.ts';

export type {
  ChosenCandidate,
  FilteredOutCandidate,
  PreselectedSample,
  SelectionCandidate,
  SelectionQuery,
  SelectionResult,
  SelectionTask,
} from './candidate.ts';
export { checkSelectionConfig } from './compile-config.ts';
export { candidateMetadata } from './inputs/metadata.ts';

export interface SelectionRequest {
  readonly config: SelectionConfig;
  /** In an order of the caller's that does not depend on when images arrived: it decides between equals. */
  readonly candidates: readonly SelectionCandidate[];
  /** The datapool. */
  readonly preselected: readonly PreselectedSample[];
  /** Prediction tasks that PREDICTIONS may name. */
  readonly tasks?: readonly SelectionTask[];
  /** What SIMILARITY may compare with. */
  readonly queries?: readonly SelectionQuery[];
  /** Called every few tenths of a second; what it throws, or rejects with, ends the selection. */
  readonly onProgress?: OnProgress;
}

/**
 * Chooses samples as docs/selection.md says: thresholds first, then greedily by the product of objective^strength.
 * The same input gives the same result on every machine. It is asynchronous because a large selection takes minutes:
 * it gives the event loop a turn at intervals, so that the caller's heartbeats and cancellation get through.
 *
 * @throws InvalidInputError naming the JSON path of whatever in the configuration can't be carried out.
 */
export async function select(request: SelectionRequest): Promise<SelectionResult> {
  const { config, onProgress } = request;
  const { filters, objectives } = compileConfig(config);
  const { length } = request.candidates;
  const target = requestedCount(config, length);
  const progress = new Progress(request.preselected.length + Math.min(target, length), onProgress);
  const candidates = await withPathMetadata(request.candidates, config.lightlyPathRegex, progress);
  const preselected = await withPathMetadata(request.preselected, config.lightlyPathRegex, progress);
  const notes: string[] = [];
  const { tasks = [], queries = [] } = request;
  const facts: SelectionFacts = { tasks, queries, note: (sentence) => notes.push(sentence) };
  const { passed, filteredOut } = applyFilters(candidates, filters, facts);
  const context: SelectionContext = {
    ...facts,
    candidates: passed.map((index) => candidates[index] as SelectionCandidate),
    preselected,
    target: Math.min(target, passed.length),
    progress,
  };
  const prepared = await prepare(objectives, context);
  const { chosen, stoppedBy } = await chooseGreedily({
    candidates: passed.length,
    target,
    objectives: prepared,
    progress,
  });
  for (const { unmet } of prepared) notes.push(...(unmet?.() ?? []));
  return {
    chosen: chosen.map((choice) => ({ ...choice, index: passed[choice.index] as number })),
    filteredOut,
    stoppedBy,
    notes,
  };
}

function applyFilters(
  candidates: readonly SelectionCandidate[],
  filters: readonly ConfiguredStrategy<FilterStrategy>[],
  facts: SelectionFacts,
) {
  const conditions = filters.map(({ path, entry, strategy }) => strategy.filter(entry, path, facts));
  const passed: number[] = [];
  const filteredOut: FilteredOutCandidate[] = [];
  candidates.forEach((candidate, index) => {
    const reason = conditions.map((fails) => fails(candidate)).find((failure) => failure !== undefined);
    if (reason === undefined) passed.push(index);
    else filteredOut.push({ index, reason });
  });
  return { passed, filteredOut };
}

/** One after the other: each may be long and reports its own progress. */
async function prepare(
  objectives: readonly ConfiguredStrategy<ObjectiveStrategy>[],
  context: SelectionContext,
) {
  const prepared: Objective[] = [];
  if (context.target === 0) return prepared;
  for (const { path, entry, strategy } of objectives) {
    prepared.push(await strategy.objective(entry, path, context));
  }
  return prepared;
}
