import sharp, { type Sharp } from 'sharp';
import { RejectedError, type RejectionCode } from '#contracts/errors';
import { type AnalysisLimits, analyseImage, type ImageAnalysis } from '#imaging/analyse-image';
import { classicalEmbedding } from '#imaging/classical-embedding';
import type { RgbPixels } from '#imaging/rgb-pixels';

type Rgb = readonly [number, number, number];

const LIMITS: AnalysisLimits = { maxBytes: 100e6, maxPixels: 100e6, thumbnailSize: 128, keepGps: false };

/** An image whose pixel at (x, y) is `colour(x, y)`. */
export function drawn(width: number, height: number, colour: (x: number, y: number) => Rgb): RgbPixels {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) pixels.set(colour(x, y), (y * width + x) * 3);
  }
  return { pixels, width, height };
}

/** The drawn image ready to be encoded. */
export const sharpOf = ({ pixels, width, height }: RgbPixels): Sharp =>
  sharp(Buffer.from(pixels), { raw: { width, height, channels: 3 } });

/** Structure at several scales and all hues, so that no file of it is small by luck. */
export const textured = (width: number, height: number, seed = 0): RgbPixels =>
  drawn(width, height, (x, y) => [
    128 + 90 * Math.sin((x + seed * 31) / (7 + seed)) * Math.cos(y / 11),
    128 + 90 * Math.sin((x * y) / 900 + seed),
    (x * 5 + y * 3 + seed * 40) % 256,
  ]);

/** Analyses with the built-in model and generous limits. */
export const analysed = (bytes: Uint8Array, limits: Partial<AnalysisLimits> = {}): Promise<ImageAnalysis> =>
  analyseImage(bytes, { ...LIMITS, ...limits }, classicalEmbedding);

/** `ok`, or the code of the rejection; any other error is thrown on. */
export async function outcomeOf(
  bytes: Uint8Array,
  limits: Partial<AnalysisLimits> = {},
): Promise<'ok' | RejectionCode> {
  try {
    await analysed(bytes, limits);
    return 'ok';
  } catch (error) {
    if (error instanceof RejectedError) return error.code;
    throw error;
  }
}
