import type { RgbPixels } from '#imaging/rgb-pixels';

export interface BmpParts {
  readonly width: number;
  /** Negative where rows are stored from the top. */
  readonly height: number;
  readonly bitsPerPixel: number;
  readonly compression?: number;
  /** Red, green and blue masks, for compression 3. */
  readonly masks?: readonly number[];
  /** Blue, green, red, 0 for each colour. */
  readonly palette?: readonly number[];
  readonly data: readonly number[] | Buffer;
}

/** A BMP with a 40-byte header. */
export function bmpFile(parts: BmpParts): Buffer {
  const { width, height, bitsPerPixel, compression = 0, masks = [], palette = [], data } = parts;
  const header = Buffer.alloc(54 + masks.length * 4);
  const offset = header.length + palette.length;
  header.write('BM');
  header.writeUInt32LE(offset + data.length, 2);
  header.writeUInt32LE(offset, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(bitsPerPixel, 28);
  header.writeUInt32LE(compression, 30);
  header.writeUInt32LE(palette.length / 4, 46);
  for (const [index, mask] of masks.entries()) header.writeUInt32LE(mask, 54 + index * 4);
  return Buffer.concat([header, Buffer.from(palette), Buffer.from(data)]);
}

/** The usual kind: 24 bits, from the bottom up. */
export function bmp24({ pixels, width, height }: RgbPixels): Buffer {
  const stride = Math.ceil((width * 3) / 4) * 4;
  const data = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [red = 0, green = 0, blue = 0] = pixels.subarray((y * width + x) * 3);
      data.set([blue, green, red], (height - 1 - y) * stride + x * 3);
    }
  }
  return bmpFile({ width, height, bitsPerPixel: 24, data });
}
