/** How long (ms) a change in the table may take to reach a process that works on many images. */
export const MOST_AGE_MS = 5_000;
/** More than one process asks for in that time; it keeps what is kept from growing for ever. */
const MOST_KEPT = 1_000;

/**
 * What `read` answers for a key, asked at most every few seconds, and whenever it has to be as it is `now`: a burst of events
 * of one dataset would otherwise read the same items once for each image. A failure is not kept.
 */
export function keptForSeconds<Value>(
  read: (key: string) => Promise<Value>,
  now: () => number,
): (key: string, when?: 'now') => Promise<Value> {
  const kept = new Map<string, { readonly value: Promise<Value>; readonly at: number }>();
  return (key, when) => {
    const entry = when === 'now' ? undefined : kept.get(key);
    if (entry && now() - entry.at < MOST_AGE_MS) return entry.value;
    if (kept.size >= MOST_KEPT) kept.clear();
    const value = read(key);
    kept.set(key, { value, at: now() });
    value.catch(() => kept.delete(key));
    return value;
  };
}
