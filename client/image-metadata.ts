import type { SampleMetaData } from './protocol.ts';

/** Eight bits each of red, green and blue, row by row. */
export interface RgbImage {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

type Triple = [number, number, number];

/** What `SampleMetaData` holds of the pixels of an image, by the formulas of the protocol's first uploader. */
export function imageMetadataOf(image: RgbImage, sizeInBytes: number): SampleMetaData {
  const { width, height } = image;
  const pixelCount = width * height;
  const { sums, squares } = channelSums(image);
  const mean = sums.map((sum) => sum / pixelCount / 255) as Triple;
  const deviations = sums.map((sum, channel) => deviationOf(sum, squares[channel] as number, pixelCount));
  const total = sums[0] + sums[1] + sums[2];
  const deviationOfAll = deviationOf(total, squares[0] + squares[1] + squares[2], pixelCount * 3);
  return {
    mean,
    std: deviations.map((deviation) => deviation / 255) as Triple,
    sumOfValues: sums.map((sum) => sum / 255) as Triple,
    sumOfSquares: squares.map((square) => square / 255 ** 2) as Triple,
    snr: deviationOfAll === 0 ? 0 : total / (pixelCount * 3) / deviationOfAll,
    sharpness: sharpnessOf(greyLevels(image), width, height),
    sizeInBytes,
    shape: [height, width, 3],
  };
}

function channelSums({ pixels }: RgbImage): { sums: Triple; squares: Triple } {
  const sums: Triple = [0, 0, 0];
  const squares: Triple = [0, 0, 0];
  for (let at = 0; at < pixels.length; at += 3) {
    const red = pixels[at] as number;
    const green = pixels[at + 1] as number;
    const blue = pixels[at + 2] as number;
    sums[0] += red;
    sums[1] += green;
    sums[2] += blue;
    squares[0] += red * red;
    squares[1] += green * green;
    squares[2] += blue * blue;
  }
  return { sums, squares };
}

/** Luma of ITU-R 601-2 in 16-bit fixed point, as Pillow has it. */
function greyLevels({ pixels }: RgbImage): Uint8Array {
  const levels = new Uint8Array(pixels.length / 3);
  for (let pixel = 0, at = 0; pixel < levels.length; pixel++, at += 3) {
    const [red, green, blue] = [pixels[at] as number, pixels[at + 1] as number, pixels[at + 2] as number];
    levels[pixel] = (19_595 * red + 38_470 * green + 7_471 * blue + 0x8000) >> 16;
  }
  return levels;
}

/**
 * Standard deviation of the response to a 3×3 filter (centre 8, others -1), clipped to 0..255. The outermost pixels
 * stay as they are, as in Pillow's `ImageFilter`.
 */
function sharpnessOf(levels: Uint8Array, width: number, height: number): number {
  let sum = 0;
  let squares = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isBorder = x === 0 || y === 0 || x === width - 1 || y === height - 1;
      const at = y * width + x;
      const level = isBorder ? (levels[at] as number) : edgeResponse(levels, at, width);
      sum += level;
      squares += level * level;
    }
  }
  return deviationOf(sum, squares, width * height);
}

function edgeResponse(levels: Uint8Array, at: number, width: number): number {
  const level = (index: number): number => levels[index] as number;
  const row = (middle: number): number => level(middle - 1) + level(middle) + level(middle + 1);
  const response = 9 * level(at) - row(at - width) - row(at) - row(at + width);
  return Math.min(255, Math.max(0, response));
}

/** Population standard deviation. */
function deviationOf(sum: number, sumOfSquares: number, count: number): number {
  return Math.sqrt(Math.max(0, sumOfSquares * count - sum * sum)) / count;
}
