import { createHash } from 'node:crypto';
import type { ReportSet } from '#contracts/report-v2';
import type { AnalysedImage, AnalysedSets } from './analysed-image.ts';

/** The sets that a report compares, each with its images. `random` is the baseline of `selected`. */
export interface ImageSets extends AnalysedSets {
  /** As many images of the input as were selected. */
  readonly random: readonly AnalysedImage[];
}

/** @param seed - names the draw: the same seed draws the same images */
export const withRandomBaseline = (sets: AnalysedSets, seed: string): ImageSets => ({
  ...sets,
  random: drawnAtRandom(sets.input, sets.selected.length, seed),
});

function drawnAtRandom(images: readonly AnalysedImage[], count: number, seed: string): AnalysedImage[] {
  const lot = ({ fileName }: AnalysedImage): string =>
    createHash('sha256').update(`${seed}/${fileName}`).digest('hex');
  return images
    .map((image) => ({ image, lot: lot(image) }))
    .sort((a, b) => (a.lot < b.lot ? -1 : 1))
    .slice(0, count)
    .map(({ image }) => image);
}

/** At most `most` items, spread evenly over their order: they stand for the whole. */
export function spread<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, at) => items[Math.floor((at * items.length) / most)] as T);
}

/**
 * Something of each set, in the words of the report. The sets that have the datapool in them are there only where
 * the dataset had samples before.
 */
export function perSet<T>(
  sets: ImageSets,
  of: (images: readonly AnalysedImage[]) => T,
): Record<'input' | 'selected' | 'random', T> & Partial<Record<ReportSet, T>> {
  return {
    input: of(sets.input),
    selected: of(sets.selected),
    random: of(sets.random),
    ...(sets.datapool.length > 0 && {
      preselectedDatapool: of(sets.datapool),
      selectedWithDatapool: of([...sets.datapool, ...sets.selected]),
    }),
  };
}
