import type { ImageFacts } from '#contracts/image-facts';
import { valueAtPath } from '#contracts/own-entries';
import type { SelectionCandidate } from '../candidate.ts';

/** Computed facts that METADATA keys may name, with the part of `ImageFacts` that each comes from. */
const COMPUTED_FACTS = {
  sharpness: ({ metadata }: ImageFacts) => metadata.sharpness,
  snr: ({ metadata }: ImageFacts) => metadata.snr,
  sizeInBytes: ({ metadata }: ImageFacts) => metadata.sizeInBytes,
  width: ({ width }: ImageFacts) => width,
  height: ({ height }: ImageFacts) => height,
  meanRed: ({ metadata }: ImageFacts) => metadata.mean[0],
  meanGreen: ({ metadata }: ImageFacts) => metadata.mean[1],
  meanBlue: ({ metadata }: ImageFacts) => metadata.mean[2],
  contrast: ({ metadata }: ImageFacts) => contrast(metadata.std),
  luminance: ({ metadata }: ImageFacts) => metadata.luminance,
  uniformRowRatio: ({ metadata }: ImageFacts) => metadata.uniformRowRatio,
} as const;

const COMPUTED_PREFIX = 'lightly.';
export const COMPUTED_KEYS: readonly string[] = Object.keys(COMPUTED_FACTS).map(
  (name) => COMPUTED_PREFIX + name,
);

/** The record that METADATA keys are looked up in: the computed facts of an image under `lightly`. */
export function candidateMetadata(facts: ImageFacts): Record<string, unknown> {
  const computed = Object.entries(COMPUTED_FACTS).map(([name, read]) => [name, read(facts)]);
  return { lightly: Object.fromEntries(computed) };
}

/**
 * RMS contrast: the standard deviation of the channels in units of pixel/255, weighted as in the luma of ITU-R
 * BT.601. It is the standard deviation of luma where the channels move together, as in a grey image, and an upper
 * bound of it elsewhere.
 */
function contrast([red, green, blue]: readonly [number, number, number]): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** True for a key under `lightly.` that no computed fact answers to: surely a slip of the pen. */
export const isUnknownComputedKey = (key: string): boolean =>
  key.startsWith(COMPUTED_PREFIX) && !COMPUTED_KEYS.includes(key);

/** What is at a dotted path; undefined where there is nothing. */
export const valueAt = ({ metadata }: SelectionCandidate, key: string): unknown => valueAtPath(metadata, key);

/** The number at a dotted path; undefined where there is nothing, or something that is not a finite number. */
export function numberAt(candidate: SelectionCandidate, key: string): number | undefined {
  const value = valueAt(candidate, key);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
