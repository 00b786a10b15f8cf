import { swapsSides } from '#contracts/image-facts';
import type { StoredImage } from './decode-image.ts';
import type { EmbeddingModel } from './embedding-model.ts';
import { cropPixels, type ImageRegion, regionInside, storedRegion } from './image-region.ts';
import { withPreview } from './preview.ts';

/**
 * Vectors of parts of an image, made as those of whole images are: a region that is all of the image has the image's
 * vector. One after another, so that only one crop is in memory.
 *
 * @param image from `decodeImage`
 * @param regions in pixels of the upright image; cut off at its borders, and widened to 8 pixels a side
 * @returns one vector for each region, in order; undefined where a region lies outside the image
 */
export async function embedRegions(
  image: StoredImage,
  regions: readonly ImageRegion[],
  model: EmbeddingModel,
): Promise<(Float32Array | undefined)[]> {
  const { width, height, orientation } = image;
  const size = swapsSides(orientation) ? { width: height, height: width } : { width, height };
  const vectors: (Float32Array | undefined)[] = [];
  for (const region of regions) {
    const inside = regionInside(region, size);
    if (!inside) {
      vectors.push(undefined);
      continue;
    }
    const crop = cropPixels(image, storedRegion(inside, image));
    vectors.push(Float32Array.from(await model.embed(withPreview({ ...crop, orientation }))));
  }
  return vectors;
}
