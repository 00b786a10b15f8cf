import { RejectedError } from '#contracts/errors';
import { sharp } from './configured-sharp.ts';
import { decodeBmp } from './decode-bmp.ts';
import { type ImageHeader, oneLine } from './read-header.ts';
import type { RgbPixels } from './rgb-pixels.ts';

/** 100 megapixels of AVIF, the slowest format, take about ten seconds on one slow core. */
const DECODE_TIMEOUT_SECONDS = 60;

/**
 * Decodes once, at full size, the first frame or page. As Pillow's `convert('RGB')` has it: alpha is dropped, not
 * blended, 16 bits keep their upper 8, and an embedded ICC profile is not applied; CMYK is converted with
 * libvips' own profile. Orientation is not applied.
 * @throws RejectedError CORRUPT with the decoder's reason.
 */
export async function decodePixels(bytes: Uint8Array, header: ImageHeader): Promise<RgbPixels> {
  if (header.format === 'bmp') return decodeBmp(bytes);
  const { data, info } = await sharp(bytes, {
    // Truncated data and a decoder's errors reject; its warnings (odd tags, stray bytes) do not.
    failOn: 'error',
    limitInputPixels: header.width * header.height,
    sequentialRead: true,
    ignoreIcc: true,
    pages: 1,
  })
    .timeout({ seconds: DECODE_TIMEOUT_SECONDS })
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((cause: Error) => {
      throw new RejectedError('CORRUPT', `This ${header.format} can't be decoded: ${oneLine(cause)}`, {
        cause,
      });
    });
  if (info.channels !== 3) {
    throw new RejectedError('UNSUPPORTED_FORMAT', `${info.channels} channels that are not a colour picture.`);
  }
  return { pixels: data, width: info.width, height: info.height };
}
