import type { ImageMetadata } from '#contracts/image-facts';
import type { RgbPixels } from './rgb-pixels.ts';
import type { PixelScan } from './scan-pixels.ts';

type Triple = [number, number, number];

/** The numbers of `SampleMetaData` from the sums of one pass over the pixels. */
export function imageMetadataOf(image: RgbPixels, scan: PixelScan, sizeInBytes: number): ImageMetadata {
  const pixelCount = image.width * image.height;
  const sum = Array.from(scan.sums) as Triple;
  const sumOfSquares = Array.from(scan.sumsOfSquares) as Triple;
  const ofLevels = sum.map((_, channel) => {
    const mean = (sum[channel] ?? 0) / pixelCount;
    return { mean, deviation: standardDeviation(sum[channel] ?? 0, sumOfSquares[channel] ?? 0, pixelCount) };
  });
  const deviationOfAll = standardDeviation(add(sum), add(sumOfSquares), pixelCount * 3);
  return {
    mean: ofLevels.map(({ mean }) => mean / 255) as Triple,
    std: ofLevels.map(({ deviation }) => deviation / 255) as Triple,
    sumOfValues: sum.map((value) => value / 255) as Triple,
    sumOfSquares: sumOfSquares.map((value) => value / 255 ** 2) as Triple,
    snr: deviationOfAll === 0 ? 0 : add(sum) / (pixelCount * 3) / deviationOfAll,
    sharpness: standardDeviation(scan.edges.sum, scan.edges.sumOfSquares, pixelCount),
    sizeInBytes,
    shape: [image.height, image.width, 3],
    luminance: Math.min(100, scan.lightnessSum / pixelCount),
    uniformRowRatio: scan.uniformRowRatio,
  };
}

const add = (values: Triple): number => values[0] + values[1] + values[2];

/** Population standard deviation; the sums are whole numbers below 2⁵³, so a uniform image gives exactly 0. */
function standardDeviation(sum: number, sumOfSquares: number, count: number): number {
  return Math.sqrt(Math.max(0, sumOfSquares * count - sum * sum)) / count;
}
