import type { SelectionConfig, SelectionEntry } from '#contracts/selection-config';
import type {
  FilteredOutCandidate,
  PreselectedSample,
  SelectionCandidate,
  SelectionQuery,
  SelectionResult,
  SelectionTask,
} from './candidate.ts';
import { chooseGreedily } from './greedy.ts';
import { type OnProgress, Progress } from './progress.ts';
import { requestedCount } from './sample-count.ts';
import { strategyFor } from './strategies/registry.ts';
import {
  type FilterStrategy,
  type Objective,
  type ObjectiveStrategy,
  type SelectionContext,
  type SelectionFacts,
  strengthOf,
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
  const { config, candidates, preselected, onProgress } = request;
  const { filters, objectives } = compile(config);
  const target = requestedCount(config, candidates.length);
  const notes: string[] = [];
  const facts: SelectionFacts = {
    tasks: request.tasks ?? [],
    queries: request.queries ?? [],
    note: (sentence) => notes.push(sentence),
  };
  const { passed, filteredOut } = applyFilters(candidates, filters, facts);
  const context: SelectionContext = {
    ...facts,
    candidates: passed.map((index) => candidates[index] as SelectionCandidate),
    preselected,
    target: Math.min(target, passed.length),
    progress: new Progress(preselected.length + Math.min(target, passed.length), onProgress),
  };
  const prepared = await prepare(objectives, context);
  const { chosen, stoppedBy } = await chooseGreedily({
    candidates: passed.length,
    target,
    objectives: prepared,
    progress: context.progress,
  });
  for (const { unmet } of prepared) notes.push(...(unmet?.() ?? []));
  return {
    chosen: chosen.map((choice) => ({ ...choice, index: passed[choice.index] as number })),
    filteredOut,
    stoppedBy,
    notes,
  };
}

/**
 * Throws exactly where {@link select} would refuse the configuration, without any candidates.
 *
 * @throws InvalidInputError naming the JSON path of whatever in the configuration can't be carried out.
 */
export function checkSelectionConfig(config: SelectionConfig): void {
  compile(config);
  requestedCount(config, 0);
}

interface Entry<S> {
  /** Where it is in the configuration, for example `strategies[1]`. */
  readonly path: string;
  readonly entry: SelectionEntry;
  readonly strategy: S;
}

function compile({ strategies }: SelectionConfig) {
  const filters: Entry<FilterStrategy>[] = [];
  const objectives: Entry<ObjectiveStrategy>[] = [];
  strategies.forEach((entry, position) => {
    const path = `strategies[${position}]`;
    const strategy = strategyFor(entry, path);
    if (strategy.kind === 'filter') filters.push({ path, entry, strategy });
    // A strength of 0 makes the factor 1 for everybody: the strategy is off, its stopping condition included.
    else if (strengthOf(entry) !== 0) objectives.push({ path, entry, strategy });
  });
  // Rounding depends on the order of the factors; the order in the configuration must not matter.
  objectives.sort((a, b) => compareText(canonicalText(a.entry), canonicalText(b.entry)));
  return { filters, objectives };
}

const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const canonicalText = ({ input, strategy }: SelectionEntry): string =>
  JSON.stringify([Object.entries(input).sort(), Object.entries(strategy).sort()]);

function applyFilters(
  candidates: readonly SelectionCandidate[],
  filters: readonly Entry<FilterStrategy>[],
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
async function prepare(objectives: readonly Entry<ObjectiveStrategy>[], context: SelectionContext) {
  const prepared: Objective[] = [];
  if (context.target === 0) return prepared;
  for (const { path, entry, strategy } of objectives) {
    prepared.push(await strategy.objective(entry, path, context));
  }
  return prepared;
}
