import { RejectedError } from '#contracts/errors';
import { decodePixels } from './decode-pixels.ts';
import { type ImageHeader, readHeader } from './read-header.ts';
import type { Orientation, RgbPixels } from './rgb-pixels.ts';

export interface DecodeLimits {
  readonly maxBytes: number;
  readonly maxPixels: number;
}

/** Pixels as stored, and how they are to be turned. */
export interface StoredImage extends RgbPixels {
  readonly orientation: Orientation;
}

/**
 * Decodes an image within the limits, which are checked before any pixel is decoded.
 * @throws RejectedError EMPTY, TOO_MANY_BYTES, UNSUPPORTED_FORMAT, TOO_MANY_PIXELS or CORRUPT
 */
export async function decodeImage(bytes: Uint8Array, limits: DecodeLimits): Promise<StoredImage> {
  const header = await acceptedHeader(bytes, limits);
  return { ...(await decodePixels(bytes, header)), orientation: header.orientation ?? 1 };
}

/** The header of an image that is not too large. @throws RejectedError as {@link decodeImage}, but for the pixels */
export async function acceptedHeader(
  bytes: Uint8Array,
  { maxBytes, maxPixels }: DecodeLimits,
): Promise<ImageHeader> {
  if (bytes.length > maxBytes) {
    throw new RejectedError('TOO_MANY_BYTES', `${bytes.length} bytes; at most ${maxBytes} are accepted.`);
  }
  const header = await readHeader(bytes);
  const { width, height } = header;
  if (width * height > maxPixels) {
    throw new RejectedError(
      'TOO_MANY_PIXELS',
      `${width} × ${height} are ${width * height} pixels; at most ${maxPixels} are accepted.`,
    );
  }
  return header;
}
