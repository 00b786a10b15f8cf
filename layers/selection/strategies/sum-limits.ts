import { InvalidInputError } from '#contracts/errors';
import type { SelectionEntry } from '#contracts/selection-config';
import { OrderStatistics } from '../order-statistics.ts';
import type { Objective, ObjectiveDynamics } from './strategy.ts';

/** The numbers that are summed over what is chosen. */
export interface Summed {
  /** Where the entry is, for example `strategies[1]`. */
  readonly path: string;
  /** As it is called in notes. */
  readonly name: string;
  /** How many candidates will be chosen at most. */
  readonly target: number;
  /** One per position; 0 where nothing is known. */
  readonly values: Float64Array;
}

/** Room for rounding in sums, as a share of the largest number involved. */
const ROUNDING = 1e-9;

export function checkTargetRange({ strategy: { targetRange } }: SelectionEntry, path: string): void {
  if (targetRange === undefined || targetRange.minSum <= targetRange.maxSum) return;
  throw new InvalidInputError(
    `${path}.strategy.targetRange: expected minSum of at most maxSum but received ${targetRange.minSum} and ${targetRange.maxSum}.`,
  );
}

/** What `stoppingConditionMaxSum` and `targetRange` add to an objective: a sum of this run's choices and its limits. */
export function sumLimits(
  { strategy: { stoppingConditionMaxSum: maximum, targetRange } }: SelectionEntry,
  summed: Summed,
): Pick<Objective, 'dynamics' | 'unmet'> {
  if (maximum === undefined && targetRange === undefined) return {};
  const { values, path, name } = summed;
  const range = targetRange && new TargetRange(summed, targetRange.minSum, targetRange.maxSum);
  let sum = 0;
  const dynamics: ObjectiveDynamics = {
    changesValues: false,
    stop: 'range',
    choose(position) {
      sum += values[position] as number;
      range?.choose(position, values[position] as number);
      return Math.log2(values.length + 1);
    },
    ended: () => (maximum !== undefined && sum >= maximum ? 'sum' : undefined),
    ...(range && { admits: (position: number) => range.admits(values[position] as number) }),
  };
  return {
    dynamics,
    unmet: () =>
      range?.isReached() === false
        ? [`${path}.strategy.targetRange: the sum of ${name} is ${sum}, below minSum ${targetRange?.minSum}.`]
        : [],
  };
}

/**
 * Which values may be chosen next so that the sum of all choices can still land in a range: with r choices left after
 * this one, the r largest of the others must be able to lift it to `minSum`, and the r smallest must leave it at
 * `maxSum` or below. Where r are too many for the room that there is, fewer will be chosen; where `minSum` is out of
 * reach, it no longer steers. Never does a choice lift the sum above `maxSum`.
 */
class TargetRange {
  readonly #minSum: number;
  readonly #maxSum: number;
  readonly #slack: number;
  readonly #open: OrderStatistics;
  #sum = 0;
  #left: number;
  #smallest = Number.NEGATIVE_INFINITY;
  #largest = Number.POSITIVE_INFINITY;

  constructor({ values, target }: Summed, minSum: number, maxSum: number) {
    this.#minSum = minSum;
    this.#maxSum = maxSum;
    this.#open = new OrderStatistics(values);
    this.#left = target;
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    this.#slack = ROUNDING * Math.max(largest, Math.min(maxSum, largest * values.length));
    this.#narrow();
  }

  admits(value: number): boolean {
    return value >= this.#smallest - this.#slack && value <= this.#largest + this.#slack;
  }

  choose(position: number, value: number): void {
    this.#sum += value;
    this.#open.remove(position);
    this.#left--;
    this.#narrow();
  }

  isReached(): boolean {
    return this.#sum >= this.#minSum - this.#slack;
  }

  #narrow(): void {
    const choices = Math.min(this.#left, this.#open.count);
    if (choices < 1) return;
    const room = this.#maxSum - this.#sum;
    const missing = this.#minSum - this.#sum;
    const isRoomForAll = this.#open.sumOfSmallest(choices) <= room + this.#slack;
    this.#largest = isRoomForAll ? Math.min(room, room - this.#open.sumOfSmallest(choices - 1)) : room;
    const isInReach = this.#open.sumOfLargest(choices) >= missing - this.#slack;
    this.#smallest = isInReach ? missing - this.#open.sumOfLargest(choices - 1) : Number.NEGATIVE_INFINITY;
  }
}
