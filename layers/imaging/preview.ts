import type { DecodedImage, Orientation, RgbPixels } from './rgb-pixels.ts';
import { scanPixels } from './scan-pixels.ts';
import { upright } from './upright.ts';

/** The longer side of a preview is at least this where the image's own is. */
export const LEAST_PREVIEW_SIDE = 256;

/** The image with the preview that embedding models look at, the same as that of its analysis. */
export function withPreview(image: RgbPixels & { readonly orientation: Orientation }): DecodedImage {
  const { reduced } = scanPixels(image, LEAST_PREVIEW_SIDE);
  return { ...image, preview: upright(reduced, image.orientation) };
}
