import type { RegistryCounts } from '#contracts/syncs';
import type { KnownObject } from '../samples/raw-samples.ts';
import type { KnownObjects } from './differences.ts';

export const NO_REGISTRY: RegistryCounts = { registered: 0, archived: 0, rejected: {} };

export function sumOfRegistry(one: RegistryCounts, other: RegistryCounts): RegistryCounts {
  const rejected = { ...one.rejected };
  for (const [code, count] of Object.entries(other.rejected)) rejected[code] = (rejected[code] ?? 0) + count;
  return {
    registered: one.registered + other.registered,
    archived: one.archived + other.archived,
    rejected,
  };
}

/** Counts what is gone past, which costs no further reading. */
export function countedObjects(known: KnownObjects): {
  readonly known: KnownObjects;
  readonly counts: () => RegistryCounts;
} {
  const counts = { registered: 0, archived: 0 };
  const rejected: Record<string, number> = {};
  let next: KnownObject | undefined;
  const count = ({ state, rejectedAs = 'UNKNOWN' }: KnownObject) => {
    if (state === 'rejected') rejected[rejectedAs] = (rejected[rejectedAs] ?? 0) + 1;
    else if (state !== 'deleted') counts[state] += 1;
  };
  const peek = async () => {
    next = await known.peek();
    return next;
  };
  const skip = () => {
    if (next) count(next);
    next = undefined;
    known.skip();
  };
  return { known: { ...known, peek, skip }, counts: () => ({ ...counts, rejected }) };
}
