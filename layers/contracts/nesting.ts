/**
 * Levels of lists and objects in a value of a caller's own. What is nested deeper is no data that anybody reads; it
 * costs a reader its stack, and the table holds 32 levels, some of which are around the value.
 */
export const DEEPEST_NESTING = 20;

/** True where lists and objects are nested in more levels than these. Looks no deeper than that. */
export function isNestedDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isNestedDeeperThan(levels - 1, inner));
}
