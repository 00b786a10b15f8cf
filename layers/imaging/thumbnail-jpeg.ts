import { sharp } from './configured-sharp.ts';

const JPEG_QUALITY = 82;
/** A thumbnail that a client has put in place may be of any size. */
const LARGEST_SIDE = 256;
const MOST_PIXELS = 50_000_000;

/**
 * A thumbnail as a JPEG for documents that know no WebP, at most 256 pixels a side. The same bytes give the same JPEG.
 * @throws Error where it is no image
 */
export async function thumbnailJpeg(thumbnail: Uint8Array) {
  const { data, info } = await sharp(thumbnail, { limitInputPixels: MOST_PIXELS })
    .resize({ width: LARGEST_SIDE, height: LARGEST_SIDE, fit: 'inside', withoutEnlargement: true })
    .flatten({ background: 'white' })
    .jpeg({ quality: JPEG_QUALITY })
    .toBuffer({ resolveWithObject: true });
  return { jpeg: data, width: info.width, height: info.height };
}
