import { createHash } from 'node:crypto';
import { RejectedError } from '#contracts/errors';
import type { ImageFacts } from '#contracts/image-facts';
import { decodePixels } from './decode-pixels.ts';
import type { EmbeddingModel } from './embedding-model.ts';
import { imageMetadataOf } from './image-metadata.ts';
import { makeThumbnail, sizeInside, type Thumbnail } from './make-thumbnail.ts';
import { perceptualHash } from './perceptual-hash.ts';
import { readExif } from './read-exif.ts';
import { type ImageHeader, readHeader } from './read-header.ts';
import type { DecodedImage } from './rgb-pixels.ts';
import { scanPixels } from './scan-pixels.ts';
import { swapsSides, upright } from './upright.ts';

export interface AnalysisLimits {
  readonly maxBytes: number;
  readonly maxPixels: number;
  /** The thumbnail fits into a square of this many pixels a side. */
  readonly thumbnailSize: number;
  /** Whether the EXIF position is kept. */
  readonly keepGps: boolean;
}

export interface ImageAnalysis {
  readonly facts: ImageFacts;
  readonly thumbnail: Thumbnail;
}

/** Sides of the preview: twice the thumbnail, so that scaling it down stays smooth, and enough to describe. */
const MIN_PREVIEW_SIDE = 256;
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
  if (bytes.length > limits.maxBytes) {
    throw new RejectedError(
      'TOO_MANY_BYTES',
      `${bytes.length} bytes; at most ${limits.maxBytes} are accepted.`,
    );
  }
  const header = await readHeader(bytes);
  checkPixels(header, limits.maxPixels);
  // Hashing runs on this thread while libvips decodes on its own.
  const [stored, exif, sha256] = await Promise.all([
    decodePixels(bytes, header),
    readExif(bytes, header, limits.keepGps),
    createHash('sha256').update(bytes).digest('hex'),
  ]);
  const minimumSide = Math.max(MIN_PREVIEW_SIDE, PREVIEW_PER_THUMBNAIL * limits.thumbnailSize);
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

function checkPixels({ width, height }: ImageHeader, maxPixels: number): void {
  if (width * height > maxPixels) {
    throw new RejectedError(
      'TOO_MANY_PIXELS',
      `${width} × ${height} are ${width * height} pixels; at most ${maxPixels} are accepted.`,
    );
  }
}
