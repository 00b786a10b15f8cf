import { swapsSides } from '#contracts/image-facts';
import type { StoredImage } from '#imaging/decode-image';
import { cropPixels, type ImageRegion, regionInside, storedRegion } from '#imaging/image-region';
import type { RgbPixels } from '#imaging/rgb-pixels';
import { upright } from '#imaging/upright';

/**
 * The pixels of a region, upright; undefined where nothing of it is inside the image.
 * @param region in pixels of the upright image
 */
export function cutRegion(image: StoredImage, region: ImageRegion): RgbPixels | undefined {
  const { width, height, orientation } = image;
  const size = swapsSides(orientation) ? { width: height, height: width } : { width, height };
  const inside = regionInside(region, size);
  return inside && upright(cropPixels(image, storedRegion(inside, image)), orientation);
}
