import { createHash } from 'node:crypto';
import { type ImageFacts, swapsSides } from '#contracts/image-facts';
import { acceptedHeader, type DecodeLimits } from './decode-image.ts';
import { decodePixels } from './decode-pixels.ts';
import type { EmbeddingModel } from './embedding-model.ts';
import { imageMetadataOf } from './image-metadata.ts';
import { makeThumbnail, sizeInside, type Thumbnail } from './make-thumbnail.ts';
import { perceptualHash } from './perceptual-hash.ts';
import { LEAST_PREVIEW_SIDE } from './preview.ts';
import { readExif } from './read-exif.ts';
import type { DecodedImage } from './rgb-pixels.ts';
import { scanPixels } from './scan-pixels.ts';
import { upright } from './upright.ts';

export interface AnalysisLimits extends DecodeLimits {
  /** The thumbnail fits into a square of this many pixels a side. */
  readonly thumbnailSize: number;
  /** Whether the EXIF position is kept. */
  readonly keepGps: boolean;
}

export interface ImageAnalysis {
  readonly facts: ImageFacts;
  readonly thumbnail: Thumbnail;
}

/** Twice the thumbnail, so that scaling it down stays smooth. */
const PREVIEW_PER_THUMBNAIL = 2;

/**
 * Everything Winnow knows of an image's content, from its bytes and one decode. Limits are checked against the
 * header before any pixel is decoded.
 * @throws RejectedError EMPTY, TOO_MANY_BYTES, UNSUPPORTED_FORMAT, TOO_MANY_PIXELS or CORRUPT
 */
export async function analyseImage(
  bytes: Uint8Array,
  limits: AnalysisLimits,
  embed: EmbeddingModel,
): Promise<ImageAnalysis> {
  const header = await acceptedHeader(bytes, limits);
  // Hashing runs on this thread while libvips decodes on its own.
  const [stored, exif, sha256] = await Promise.all([
    decodePixels(bytes, header),
    readExif(bytes, header, limits.keepGps),
    createHash('sha256').update(bytes).digest('hex'),
  ]);
  const minimumSide = Math.max(LEAST_PREVIEW_SIDE, PREVIEW_PER_THUMBNAIL * limits.thumbnailSize);
  const scan = scanPixels(stored, minimumSide);
  const orientation = header.orientation ?? 1;
  const image = { ...stored, orientation, preview: upright(scan.reduced, orientation) };
  // So does the description of the preview while libvips encodes the thumbnail.
  const [thumbnail, description] = await Promise.all([
    makeThumbnail(image.preview, thumbnailSizeOf(image, limits.thumbnailSize)),
    describe(image, embed),
  ]);
  const { format } = header;
  const { width, height } = stored;
  const metadata = imageMetadataOf(stored, scan, bytes.length);
  return { facts: { format, width, height, metadata, exif, sha256, ...description }, thumbnail };
}

async function describe(
  image: DecodedImage,
  embed: EmbeddingModel,
): Promise<Pick<ImageFacts, 'perceptualHash' | 'embeddingModel' | 'embedding'>> {
  return {
    perceptualHash: perceptualHash(image.preview),
    embeddingModel: embed.name,
    embedding: Float32Array.from(await embed.embed(image)),
  };
}

/** Computed from the full size: the preview's sides are rounded. */
function thumbnailSizeOf(
  { width, height, orientation }: DecodedImage,
  side: number,
): { width: number; height: number } {
  return swapsSides(orientation) ? sizeInside(height, width, side) : sizeInside(width, height, side);
}
