import { z } from 'zod';

/** A value, or how one begins. Everything else that EventBridge knows is refused rather than misunderstood. */
const matcher = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.null(),
  z.strictObject({ prefix: z.string() }),
]);
type Matcher = z.infer<typeof matcher>;

export interface EventPattern {
  readonly [field: string]: EventPattern | readonly Matcher[];
}

/** The pattern of a rule of EventBridge. */
export const eventPattern: z.ZodType<EventPattern> = z.record(
  z.string(),
  z.union([
    z.array(matcher, 'the local cloud knows values and prefixes in patterns').nonempty(),
    z.lazy(() => eventPattern),
  ]),
);

/** Whether an event has every field of the pattern, with one of the values that it lists. */
export function matchesPattern(pattern: EventPattern, event: unknown): boolean {
  return Object.entries(pattern).every(([field, wanted]) => {
    const value = isRecord(event) && Object.hasOwn(event, field) ? event[field] : undefined;
    if (!isList(wanted)) return matchesPattern(wanted, value);
    const values = Array.isArray(value) ? value : [value];
    return values.some((each) => wanted.some((one) => accepts(one, each)));
  });
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const isList = (wanted: EventPattern | readonly Matcher[]): wanted is readonly Matcher[] =>
  Array.isArray(wanted);

const accepts = (wanted: Matcher, value: unknown): boolean =>
  isRecord(wanted)
    ? typeof value === 'string' && value.startsWith(String(wanted.prefix))
    : value !== undefined && value === wanted;
