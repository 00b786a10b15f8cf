import type { NearDuplicateOf } from '#platform/runs/run-decisions';
import { type SelectionCandidate, type SelectionRequest, select } from '#selection/select';
import type { NearDuplicates } from './group-near-duplicates.ts';

/** What stays of the candidates where at most one image of each group is to be chosen. */
export interface OnePerGroup {
  /** Positions in the candidates, ascending. */
  readonly kept: readonly number[];
  readonly left: readonly NearDuplicateOf[];
}

/**
 * Keeps of each group the image that is a sample already; or else, of those that pass every THRESHOLD, the
 * representative; or else the first by file name. Where none passes, none is a near-duplicate of one that is kept, and
 * each is left to its threshold.
 *
 * @param request - by file name
 * @throws InvalidInputError naming the JSON path of a threshold that can't be carried out
 */
export async function keepOnePerGroup(
  request: SelectionRequest,
  { mode, groupOf }: NearDuplicates,
): Promise<OnePerGroup> {
  const { candidates, preselected } = request;
  if (mode !== 'dedup') return { kept: candidates.map((_, position) => position), left: [] };
  const keptOf = new Map<string, string>();
  for (const { fileName } of preselected) {
    const group = groupOf(fileName);
    if (group && !keptOf.has(group.id)) keptOf.set(group.id, fileName);
  }
  const ofSamples = new Set(keptOf.keys());
  const failing = await failingThresholds(request);
  candidates.forEach(({ fileName }, position) => {
    const group = groupOf(fileName);
    if (!group || ofSamples.has(group.id) || failing.has(position)) return;
    if (!keptOf.has(group.id) || group.representative === fileName) keptOf.set(group.id, fileName);
  });
  const kept: number[] = [];
  const left: NearDuplicateOf[] = [];
  candidates.forEach(({ fileName }: SelectionCandidate, position) => {
    const keptAs = keptOf.get(groupOf(fileName)?.id ?? '');
    if (keptAs === undefined || keptAs === fileName) kept.push(position);
    else left.push({ fileName, keptAs });
  });
  return { kept, left };
}

/** Positions of the candidates that a THRESHOLD removes. */
async function failingThresholds(request: SelectionRequest): Promise<ReadonlySet<number>> {
  const { config } = request;
  if (!config.strategies.some(({ strategy }) => strategy.type === 'THRESHOLD')) return new Set();
  const { proportionSamples: _, ...rest } = config;
  // Where none is asked for, thresholds are all that is looked at.
  const { filteredOut } = await select({ ...request, config: { ...rest, nSamples: 0 } });
  return new Set(filteredOut.map(({ index }) => index));
}
