import type { SelectionStop } from '#contracts/selection-stop';
import { type BestFinder, canUseBuckets, finderByRescan, finderInBuckets } from './best-candidate.ts';
import type { ChosenCandidate, SelectionResult } from './candidate.ts';
import type { Progress } from './progress.ts';
import type { DynamicObjective, Objective } from './strategies/strategy.ts';

/** What the greedy loop chooses from. Positions are those of the objectives. */
export interface GreedyInput {
  readonly candidates: number;
  readonly target: number;
  readonly objectives: readonly Objective[];
  readonly progress: Progress;
}

type GreedyResult = Pick<SelectionResult, 'chosen' | 'stoppedBy'>;

const isDynamic = (objective: Objective): objective is DynamicObjective => objective.dynamics !== undefined;

/**
 * Chooses one candidate after the other: always the one whose product of objective^strength is the largest, of
 * several the first. `index` in the result is a position.
 */
export async function chooseGreedily(input: GreedyInput): Promise<GreedyResult> {
  const { candidates, target, objectives, progress } = input;
  const dynamic = objectives.filter(isDynamic);
  const open = openPositions(input);
  const [only] = dynamic;
  if (dynamic.length === 1 && only?.dynamics.chooseAll) return await chooseAtOnce(input, open, only);
  for (const { dynamics } of dynamic) await dynamics.begin?.();
  const finder = finderFor(input, open, dynamic);
  const chosen: ChosenCandidate[] = [];
  while (chosen.length < Math.min(target, candidates)) {
    const ended = dynamic.map(({ dynamics }) => dynamics.ended?.()).find((stop) => stop !== undefined);
    if (ended) return { chosen, stoppedBy: ended };
    const opening = chosen.length === 0 ? openingOf(objectives, open) : undefined;
    const index = opening?.position ?? finder.best();
    if (index < 0) return { chosen, stoppedBy: stopOf(open, objectives) };
    const reason = opening?.reason ?? reasonFor(index, objectives);
    const distance = distanceOf(index, dynamic);
    chosen.push({ index, step: chosen.length, ...(distance === undefined ? {} : { distance }), reason });
    open[index] = 0;
    let work = finder.work;
    for (const { dynamics } of dynamic) work += dynamics.choose(index);
    if (progress.step(work)) await progress.pause();
  }
  return { chosen, stoppedBy: target <= candidates ? 'count' : 'candidates' };
}

/** The same choices where one objective knows them without a look at every candidate in every step. */
async function chooseAtOnce(
  input: GreedyInput,
  open: Uint8Array,
  dynamic: DynamicObjective,
): Promise<GreedyResult> {
  const { candidates, target, objectives } = input;
  const scores = sumOfLogs(
    objectives.filter((objective) => objective !== dynamic),
    candidates,
  );
  const opening = openingOf(objectives, open);
  const first = opening?.position ?? finderByRescan(open, scores, [], []).best();
  const all = await dynamic.dynamics.chooseAll?.({ scores, open, first });
  const chosen = (all?.positions ?? []).map((index, step) => {
    const distance = dynamic.dynamics.distanceOf?.(index);
    const reason = index === opening?.position ? opening.reason : reasonFor(index, objectives);
    open[index] = 0;
    return { index, step, ...(distance === undefined ? {} : { distance }), reason };
  });
  if (all?.isExhausted)
    return { chosen, stoppedBy: open.includes(1) ? dynamic.dynamics.stop : stopOf(open, objectives) };
  return { chosen, stoppedBy: target <= candidates ? 'count' : 'candidates' };
}

function openPositions({ candidates, objectives }: GreedyInput): Uint8Array {
  const open = new Uint8Array(candidates).fill(1);
  for (const { barred } of objectives) {
    for (let position = 0; barred && position < candidates; position++) {
      if (barred.isBarred(position)) open[position] = 0;
    }
  }
  return open;
}

function finderFor(input: GreedyInput, open: Uint8Array, dynamic: readonly DynamicObjective[]): BestFinder {
  const changing = dynamic.filter(({ dynamics }) => dynamics.changesValues);
  const constant = input.objectives.filter((objective) => !changing.some((other) => other === objective));
  const scores = sumOfLogs(constant, input.candidates);
  return canUseBuckets(dynamic)
    ? finderInBuckets(open, scores, changing)
    : finderByRescan(open, scores, changing, dynamic);
}

/** Where a selection begins that nothing but one DIVERSITY has a say in. */
function openingOf(objectives: readonly Objective[], open: Uint8Array) {
  const [only] = objectives;
  const opening = objectives.length === 1 ? only?.dynamics?.opening?.() : undefined;
  return opening && open[opening.position] === 1 ? opening : undefined;
}

function distanceOf(position: number, dynamic: readonly DynamicObjective[]): number | undefined {
  return dynamic.find(({ dynamics }) => dynamics.distanceOf)?.dynamics.distanceOf?.(position);
}

/** What keeps every candidate that is left from being chosen; of several reasons, the first that does so alone. */
function stopOf(open: Uint8Array, objectives: readonly Objective[]): SelectionStop {
  const left = [...open.keys()].filter((position) => open[position] === 1);
  const dynamic = objectives.filter(isDynamic).filter(({ dynamics }) => dynamics.admits);
  const excludesAll = ({ dynamics }: DynamicObjective) =>
    left.every((position) => dynamics.admits?.(position) === false);
  const barred = objectives.find((objective) => objective.barred)?.barred;
  if (left.length === 0) return barred?.stop ?? 'candidates';
  return (dynamic.find(excludesAll) ?? dynamic[0])?.dynamics.stop ?? barred?.stop ?? 'candidates';
}

function sumOfLogs(objectives: readonly Objective[], candidates: number): Float64Array {
  const sums = new Float64Array(candidates);
  for (const { strength, logValues } of objectives) {
    for (let position = 0; position < candidates; position++) {
      sums[position] = (sums[position] as number) + strength * (logValues[position] as number);
    }
  }
  return sums;
}

function reasonFor(position: number, objectives: readonly Objective[]): string {
  const facts = objectives.map((objective) => objective.describe(position)).join('; ');
  if (objectives.length === 0) return 'Next by file name, as no strategy prefers one candidate to another.';
  return objectives.length === 1
    ? `Best by ${facts}.`
    : `Best product of ${objectives.length} objectives: ${facts}.`;
}
