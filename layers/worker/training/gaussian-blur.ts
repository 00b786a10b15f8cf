/**
 * Blurs in place with a Gaussian, columns after rows; beyond the border the outermost pixels go on.
 *
 * @param pixels `side` × `side` pixels of three levels
 * @param sigma in pixels
 */
export function blur(pixels: Float32Array, side: number, sigma: number): void {
  const kernel = gaussianKernel(sigma);
  const between = new Float32Array(pixels.length);
  convolve(pixels, between, { side, kernel, step: 3, lineStep: side * 3 });
  convolve(between, pixels, { side, kernel, step: side * 3, lineStep: 3 });
}

/** Up to three standard deviations; sums to 1. */
function gaussianKernel(sigma: number): Float64Array {
  const radius = Math.max(1, Math.ceil(3 * sigma));
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, index) =>
    Math.exp(-((index - radius) ** 2) / (2 * sigma * sigma)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

const clamped = (place: number, last: number): number => (place < 0 ? 0 : place > last ? last : place);

interface Lines {
  readonly side: number;
  readonly kernel: Float64Array;
  /** Between neighbours of a line, and between lines. */
  readonly step: number;
  readonly lineStep: number;
}

function convolve(from: Float32Array, to: Float32Array, { side, kernel, step, lineStep }: Lines): void {
  const radius = (kernel.length - 1) / 2;
  for (let line = 0; line < side; line++) {
    for (let place = 0; place < side; place++) {
      const at = line * lineStep + place * step;
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let offset = -radius; offset <= radius; offset++) {
          const neighbour = clamped(place + offset, side - 1);
          sum +=
            (kernel[offset + radius] as number) *
            (from[line * lineStep + neighbour * step + channel] as number);
        }
        to[at + channel] = sum;
      }
    }
  }
}
