/** An object counts this much where another one of its class was counted before. */
const FREQUENCY_PENALTY = 0.25;
/** What the images with the fewest objects get; those with the most get 1. */
const SMALLEST_SCORE = 0.9;

/**
 * Images with many objects of many classes: the first object of a class counts 1, each further one 0.25. The sums are
 * then mapped from their smallest and largest to 0.9 and 1. Where all are the same, all get 1.
 *
 * @param images the categories of the objects of each image
 */
export function objectFrequencies(images: readonly (readonly number[])[]): number[] {
  const counts = images.map(weightedCount);
  const smallest = counts.reduce((least, count) => Math.min(least, count), Number.POSITIVE_INFINITY);
  const largest = counts.reduce((most, count) => Math.max(most, count), 0);
  const range = largest - smallest;
  return counts.map((count) =>
    range === 0 ? 1 : SMALLEST_SCORE + (1 - SMALLEST_SCORE) * ((count - smallest) / range),
  );
}

function weightedCount(categoryIds: readonly number[]): number {
  const classes = new Set(categoryIds).size;
  return classes + FREQUENCY_PENALTY * (categoryIds.length - classes);
}
