import type { TagChange } from '#contracts/tags';

/** Together with a mask, well below what an item may hold. */
const MOST_CHARACTERS = 100_000;
const MOST_CHANGES = 100;

/** The log with one more entry. It keeps the newest ones: at most 100, and at most 100,000 characters of JSON. */
export function withChange(changes: readonly TagChange[], added: TagChange): TagChange[] {
  const kept = [...changes, added].slice(-MOST_CHANGES);
  let characters = kept.reduce((sum, change) => sum + JSON.stringify(change).length, 0);
  while (kept.length > 1 && characters > MOST_CHARACTERS) {
    characters -= JSON.stringify(kept.shift()).length;
  }
  return kept;
}
