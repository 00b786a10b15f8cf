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

/** Computed facts that are whole numbers; the others are measurements, of which hardly two are the same. */
const CATEGORICAL_KEYS: readonly string[] = ['lightly.width', 'lightly.height', 'lightly.sizeInBytes'];

/** Refuses a computed fact that has no categories. */
export function checkCategoricalKey(entry: SelectionEntry, path: string): void {
  checkMetadataKey(entry, path);
  const { key = '' } = entry.input;
  if (!COMPUTED_KEYS.includes(key) || CATEGORICAL_KEYS.includes(key)) return;
  throw new InvalidInputError(
    `${path}.input.key: '${key}' is a measurement and has no categories to balance. ` +
      `Use it with WEIGHTS or THRESHOLD, or balance ${CATEGORICAL_KEYS.join(', ')} or a key of your own metadata.`,
  );
}
