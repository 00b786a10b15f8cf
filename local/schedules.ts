import type { SchedulePlan } from './plan-types.ts';

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** The time between two invocations. @returns ms; undefined for what does not come at a fixed rate */
function periodOf(expression: string): number | undefined {
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const unitMs = UNIT_MS[unit];
  return count && unitMs ? Number(count) * unitMs : undefined;
}

export interface ScheduleOptions {
  readonly plans: readonly SchedulePlan[];
  readonly fire: (target: SchedulePlan['targets'][number], plan: SchedulePlan) => void;
  /** Rates above this many seconds are shortened to it. */
  readonly periodCap: number | undefined;
  readonly onProblem: (text: string) => void;
}

/** Invokes targets by the clock. @returns stops it */
export function startSchedules({ plans, fire, periodCap, onProblem }: ScheduleOptions): () => void {
  const timers = plans.flatMap((plan) => {
    const period = periodOf(plan.expression);
    if (period === undefined) {
      onProblem(`schedule ${plan.name} does not run here: only rate(…) does, and it is ${plan.expression}`);
      return [];
    }
    const capped = Math.min(period, (periodCap ?? Number.POSITIVE_INFINITY) * 1000);
    return setInterval(() => {
      for (const target of plan.targets) fire(target, plan);
    }, capped);
  });
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}
