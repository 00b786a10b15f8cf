import { ImageError, InvalidConfigurationError } from './errors.ts';
import { imageMetadataOf } from './image-metadata.ts';
import type { SampleMetaData } from './protocol.ts';

/** Length of the shorter side, or width and height; in pixels. */
export type ImageSize = number | readonly [width: number, height: number];

/** Reads local images. Its methods throw ImageError for those that can't be decoded. */
export interface ImageReader {
  metadata(bytes: Uint8Array): Promise<SampleMetaData>;
  /** Upright, WebP. */
  thumbnail(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  /** Upright, in the format of the original. */
  resized(bytes: Uint8Array, size: ImageSize): Promise<Uint8Array<ArrayBuffer>>;
}

/** Pixels a side, at most. */
const THUMBNAIL_SIDE = 128;
const THUMBNAIL_QUALITY = 90;
const DECODING = { failOn: 'error', pages: 1 } as const;

/** @throws InvalidConfigurationError where the package sharp is not installed */
export async function loadImageReader(): Promise<ImageReader> {
  const sharp = await loadSharp();
  const open = (bytes: Uint8Array) => sharp(bytes, DECODING);
  return {
    metadata: (bytes) =>
      decoding(async () => {
        const picture = open(bytes).removeAlpha().toColourspace('srgb').raw({ depth: 'uchar' });
        const { data, info } = await picture.toBuffer({ resolveWithObject: true });
        if (info.channels !== 3) throw new Error(`${info.channels} channels are no colour picture`);
        return imageMetadataOf({ pixels: data, width: info.width, height: info.height }, bytes.length);
      }),
    thumbnail: (bytes) =>
      decoding(async () => {
        const box = {
          width: THUMBNAIL_SIDE,
          height: THUMBNAIL_SIDE,
          fit: 'inside',
          withoutEnlargement: true,
        } as const;
        const picture = open(bytes).rotate().resize(box).webp({ quality: THUMBNAIL_QUALITY });
        return new Uint8Array(await picture.toBuffer());
      }),
    resized: (bytes, size) =>
      decoding(async () => new Uint8Array(await open(bytes).rotate().resize(boxOf(size)).toBuffer())),
  };
}

async function loadSharp() {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    throw new InvalidConfigurationError(
      'Uploading a folder needs the package sharp, which reads images: npm install sharp',
      { cause },
    );
  }
}

function boxOf(size: ImageSize) {
  if (typeof size === 'number') return { width: size, height: size, fit: 'outside' } as const;
  return { width: size[0], height: size[1], fit: 'fill' } as const;
}

async function decoding<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw new ImageError(`The image can't be decoded: ${(cause as Error).message}`, { cause });
  }
}
