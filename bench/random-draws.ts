/** Random numbers and vectors that are the same each time, for what benchmarks are measured on. */

/** Numbers from 0 to below 1: a linear congruential generator (Numerical Recipes). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Independent values of a normal distribution: Box and Muller's transformation; 1 - random() is never 0. */
export const gaussianVector = (dimension: number, random: () => number): Float32Array =>
  Float32Array.from(
    { length: dimension },
    () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );

/** One of the ranks from 0 to below `count`, the n-th with a probability proportional to 1/n. */
export function frequentFirst(count: number, random: () => number): number {
  const weights = Array.from({ length: count }, (_, rank) => 1 / (rank + 1));
  let left = random() * weights.reduce((sum, weight) => sum + weight, 0);
  const found = weights.findIndex((weight) => {
    left -= weight;
    return left <= 0;
  });
  return Math.max(found, 0);
}
