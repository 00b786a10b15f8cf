import type { ChosenCandidate, SelectionResult } from './candidate.ts';
import type { Progress } from './progress.ts';
import type { Objective, ObjectiveDynamics } from './strategies/strategy.ts';

/** What the greedy loop chooses from. Positions are those of the objectives. */
export interface GreedyInput {
  readonly candidates: number;
  readonly target: number;
  readonly objectives: readonly Objective[];
  readonly progress: Progress;
}

type GreedyResult = Pick<SelectionResult, 'chosen' | 'stoppedBy'>;
type DynamicObjective = Objective & { readonly dynamics: ObjectiveDynamics };

const isDynamic = (objective: Objective): objective is DynamicObjective => objective.dynamics !== undefined;

/**
 * Chooses one candidate after the other: always the one whose product of objective^strength is the largest, of
 * several the first. `index` in the result is a position.
 */
export async function chooseGreedily(input: GreedyInput): Promise<GreedyResult> {
  const dynamic = input.objectives.filter(isDynamic);
  const constantScores = sumOfLogs(
    input.objectives.filter((objective) => !isDynamic(objective)),
    input.candidates,
  );
  return dynamic.length === 0
    ? chooseByConstantScores(input, constantScores)
    : await chooseStepByStep(input, constantScores, dynamic);
}

/** Where no choice changes a score, the greedy order is the sorted order. */
function chooseByConstantScores(
  { candidates, target, objectives }: GreedyInput,
  scores: Float64Array,
): GreedyResult {
  const order = Uint32Array.from(scores.keys()).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number) || a - b,
  );
  const chosen = Array.from(order.subarray(0, target), (index, step) => ({
    index,
    step,
    reason: reasonFor(index, objectives),
  }));
  return { chosen, stoppedBy: target <= candidates ? 'count' : 'candidates' };
}

async function chooseStepByStep(
  input: GreedyInput,
  constantScores: Float64Array,
  dynamic: readonly DynamicObjective[],
): Promise<GreedyResult> {
  const { candidates, target, objectives, progress } = input;
  const open = new Uint8Array(candidates).fill(1);
  const chosen: ChosenCandidate[] = [];
  const opening =
    objectives.length === dynamic.length && target > 0 ? dynamic[0]?.dynamics.opening() : undefined;
  while (chosen.length < Math.min(target, candidates)) {
    const isOpening = opening !== undefined && chosen.length === 0;
    const index = isOpening ? opening.position : bestPosition(open, constantScores, dynamic);
    if (index < 0) return { chosen, stoppedBy: 'distance' };
    const reason = isOpening ? opening.reason : reasonFor(index, objectives);
    const distance = dynamic[0]?.dynamics.distanceOf(index);
    chosen.push({ index, step: chosen.length, ...(distance === undefined ? {} : { distance }), reason });
    open[index] = 0;
    let work = candidates;
    for (const { dynamics } of dynamic) work += dynamics.choose(index);
    if (progress.step(work)) await progress.pause();
  }
  return { chosen, stoppedBy: target <= candidates ? 'count' : 'candidates' };
}

/** The open and admitted position with the largest score, the first of several; -1 where there is none. */
function bestPosition(
  open: Uint8Array,
  constantScores: Float64Array,
  dynamic: readonly DynamicObjective[],
): number {
  let best = -1;
  let bestScore = Number.NEGATIVE_INFINITY;
  const admitted = (position: number) => dynamic.every(({ dynamics }) => dynamics.admits(position));
  for (let position = 0; position < open.length; position++) {
    if (open[position] === 0) continue;
    let score = constantScores[position] as number;
    for (let at = 0; at < dynamic.length; at++) {
      const { strength, logValues } = dynamic[at] as DynamicObjective;
      score += strength * (logValues[position] as number);
    }
    if ((score > bestScore || best < 0) && admitted(position)) {
      best = position;
      bestScore = score;
    }
  }
  return best;
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
