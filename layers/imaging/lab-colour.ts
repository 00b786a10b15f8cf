import { cieLightness, linearFromSrgb } from './srgb.ts';

const { round } = Math;

/** Steps of the linear-light table: four to each 8-bit level, as means of pixels lie between levels. */
const STEPS_PER_LEVEL = 4;
const linearTable = Float64Array.from({ length: 255 * STEPS_PER_LEVEL + 1 }, (_, step) =>
  linearFromSrgb(step / STEPS_PER_LEVEL),
);
const linear = (level: number): number => linearTable[round(level * STEPS_PER_LEVEL)] ?? 0;

/** sRGB levels (0 to 255, three each) as CIE L*, a*, b* for a D65 white, three each. */
export function labFromRgb(rgb: Float32Array): Float32Array {
  const lab = new Float32Array(rgb.length);
  for (let at = 0; at < rgb.length; at += 3) {
    const red = linear(rgb[at] ?? 0);
    const green = linear(rgb[at + 1] ?? 0);
    const blue = linear(rgb[at + 2] ?? 0);
    // With f as CIE has it, L* = 116 f(Y) - 16; so f = (L* + 16) / 116 for each of X, Y, Z relative to white.
    const x = cieLightness((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505);
    const y = cieLightness(0.2126 * red + 0.7152 * green + 0.0722 * blue);
    const z = cieLightness((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089);
    lab[at] = y;
    lab[at + 1] = (500 * (x - y)) / 116;
    lab[at + 2] = (200 * (y - z)) / 116;
  }
  return lab;
}
