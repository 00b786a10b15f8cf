import { InvalidInputError } from '#contracts/errors';
import type { SelectionEntry } from '#contracts/selection-config';
import { COMPUTED_KEYS, isUnknownComputedKey } from '../inputs/metadata.ts';

/** Refuses a key that asks for a computed fact that there is not; any other key may be somebody's own metadata. */
export function checkMetadataKey({ input: { key } }: SelectionEntry, path: string): void {
  if (key !== undefined && isUnknownComputedKey(key)) {
    throw new InvalidInputError(
      `${path}.input.key: '${key}' is not a computed fact. Computed facts are ${COMPUTED_KEYS.join(', ')}.`,
    );
  }
}
