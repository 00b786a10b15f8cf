import { RejectedError } from '#contracts/errors';
import type { ImageFormat } from '#contracts/image-facts';
import { readBmpHeader } from './bmp-header.ts';
import { sharp } from './configured-sharp.ts';
import { detectFormat } from './detect-format.ts';
import type { Orientation } from './rgb-pixels.ts';

/** What a file claims about itself before any pixel is decoded. */
export interface ImageHeader {
  readonly format: ImageFormat;
  readonly width: number;
  readonly height: number;
  /** Absent where the file does not tell it. */
  readonly orientation?: Orientation;
  /** The EXIF block as stored, with or without its `Exif\0\0` prefix. */
  readonly exif?: Uint8Array;
}

/**
 * Reads the header only: a file that claims a million by a million pixels costs no more than any other.
 * @throws RejectedError EMPTY, UNSUPPORTED_FORMAT, or CORRUPT where the header can't be read.
 */
export async function readHeader(bytes: Uint8Array): Promise<ImageHeader> {
  if (bytes.length === 0) throw new RejectedError('EMPTY', 'The file has no bytes.');
  const format = detectFormat(bytes);
  if (!format) {
    throw new RejectedError(
      'UNSUPPORTED_FORMAT',
      'The content is not JPEG, PNG, WebP, GIF, TIFF, BMP or AVIF, whatever the name says.',
    );
  }
  if (format === 'bmp') {
    const { width, height } = readBmpHeader(bytes);
    return { format, width, height };
  }
  return readHeaderWithSharp(bytes, format);
}

async function readHeaderWithSharp(bytes: Uint8Array, format: ImageFormat): Promise<ImageHeader> {
  // Without a limit here: the caller compares with its own and names both numbers.
  const metadata = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((cause: Error) => {
      throw new RejectedError('CORRUPT', `The header of this ${format} can't be read: ${oneLine(cause)}`, {
        cause,
      });
    });
  const { width, height, compression } = metadata;
  const expected = format === 'avif' ? 'heif' : format;
  if (metadata.format !== expected || (format === 'avif' && compression !== 'av1')) {
    throw new RejectedError(
      'UNSUPPORTED_FORMAT',
      `Announced as ${format}, but holds ${metadata.format} ${compression ?? ''}.`,
    );
  }
  return {
    format,
    width,
    height,
    ...(isOrientation(metadata.orientation) && { orientation: metadata.orientation }),
    ...(metadata.exif && { exif: metadata.exif }),
  };
}

const isOrientation = (value: number | undefined): value is Orientation =>
  value !== undefined && Number.isInteger(value) && value >= 1 && value <= 8;

/** A decoder's message, which may repeat itself over several lines, as one line without repetitions. */
export const oneLine = (error: Error): string => [...new Set(error.message.trim().split('\n'))].join('; ');
