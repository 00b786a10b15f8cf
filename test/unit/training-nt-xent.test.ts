import { describe, expect, test } from '@jest/globals';
import { ntXent } from '#worker/training/nt-xent';
import { seededRandom } from '#worker/training/seeded-random';

const DIMENSION = 5;
function someRows(count: number, seed: number): Float32Array {
  const random = seededRandom('rows', seed);
  return Float32Array.from({ length: count * DIMENSION }, () => random.between(-2, 2));
}
const lossOf = (values: Float32Array, temperature: number, dimension = DIMENSION): number =>
  ntXent({ values, dimension }, temperature, new Float32Array(values.length));

describe('the loss of a batch', () => {
  test('of two pairs is what the formula says', () => {
    // Unit vectors in the plane; the similarities of a pair are 1, of different images 0.
    const rows = Float32Array.from([1, 0, 2, 0, 0, 1, 0, 5]);
    // −ln( e² / (e² + 2 e⁰) ) at temperature 0.5
    expect(lossOf(rows, 0.5, 2)).toBeCloseTo(Math.log((Math.exp(2) + 2) / Math.exp(2)), 6);
  });

  test('of vectors that are all the same is that of guessing', () => {
    const rows = new Float32Array(8 * DIMENSION).fill(1);
    expect(lossOf(rows, 0.1)).toBeCloseTo(Math.log(7), 6);
  });

  test('does not depend on lengths', () => {
    const rows = someRows(6, 1);
    expect(
      lossOf(
        rows.map((value) => value * 7),
        0.5,
      ),
    ).toBeCloseTo(lossOf(rows, 0.5), 5);
  });
});

test.each([0.1, 0.5, 2])('the gradient at temperature %d is that of finite differences', (temperature) => {
  const rows = someRows(8, 2);
  const gradient = new Float32Array(rows.length);
  ntXent({ values: rows, dimension: DIMENSION }, temperature, gradient);
  const step = 1 / 256;
  for (let at = 0; at < rows.length; at++) {
    const moved = (by: number) => lossOf(rows.with(at, (rows[at] ?? 0) + by), temperature);
    expect(gradient[at]).toBeCloseTo((moved(step) - moved(-step)) / (2 * step), 2);
  }
});
