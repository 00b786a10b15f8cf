import { swapsSides } from '#contracts/image-facts';
import type { Orientation, RgbPixels } from './rgb-pixels.ts';

/** A part of an image: its left upper corner and its size, in pixels of the upright image. Fractions are allowed. */
export interface ImageRegion {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Smaller regions are widened around their centre, as far as the image goes: a few pixels tell nothing. */
const LEAST_SIDE = 8;

/**
 * The region in whole pixels inside the image, or undefined where nothing of it is inside. It holds every pixel that
 * the region touches and has at least 8 a side where the image has them.
 *
 * @param size of the upright image
 */
export function regionInside(
  { x, y, width, height }: ImageRegion,
  size: { readonly width: number; readonly height: number },
): ImageRegion | undefined {
  const across = stretchInside(x, x + width, size.width);
  const down = stretchInside(y, y + height, size.height);
  if (!across || !down) return undefined;
  return { x: across.start, y: down.start, width: across.length, height: down.length };
}

/** Written so that a bound that is no number counts as outside. */
function stretchInside(from: number, to: number, end: number): { start: number; length: number } | undefined {
  if (!(from < end && to > 0 && from < to)) return undefined;
  const start = Math.max(0, Math.floor(from));
  const touched = Math.min(end, Math.ceil(to)) - start;
  const length = Math.min(end, Math.max(touched, LEAST_SIDE));
  const widenedStart = start - Math.floor((length - touched) / 2);
  return { start: Math.min(end - length, Math.max(0, widenedStart)), length };
}

/** Where the pixels of an upright region are stored. Source: Exif 2.32, tag 274. */
export function storedRegion(
  { x, y, width, height }: ImageRegion,
  stored: { readonly width: number; readonly height: number; readonly orientation: Orientation },
): ImageRegion {
  const swapped = swapsSides(stored.orientation);
  const size = swapped ? { width: height, height: width } : { width, height };
  const [along, below] = swapped ? [y, x] : [x, y];
  const fromRight = stored.width - along - size.width;
  const fromBottom = stored.height - below - size.height;
  return {
    ...size,
    x: MIRRORED_ACROSS.has(stored.orientation) ? fromRight : along,
    y: MIRRORED_DOWN.has(stored.orientation) ? fromBottom : below,
  };
}

/** Orientations whose stored columns, or rows, run against the upright ones. */
const MIRRORED_ACROSS: ReadonlySet<Orientation> = new Set([2, 3, 7, 8]);
const MIRRORED_DOWN: ReadonlySet<Orientation> = new Set([3, 4, 6, 7]);

/** A copy of the pixels of a region that lies inside the image. */
export function cropPixels(image: RgbPixels, { x, y, width, height }: ImageRegion): RgbPixels {
  const pixels = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const start = ((y + row) * image.width + x) * 3;
    pixels.set(image.pixels.subarray(start, start + width * 3), row * width * 3);
  }
  return { pixels, width, height };
}
