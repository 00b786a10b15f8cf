import { RejectedError } from '#contracts/errors';
import { BMP_COMPRESSION, type BmpHeader, readBmpHeader } from './bmp-header.ts';
import type { RgbPixels } from './rgb-pixels.ts';

/*
 * libvips as sharp ships it has no BMP reader. The packages on npm allocate what the header claims before they
 * look at the data and write run-length rows wrongly, so BMP is read here, straight to RGB.
 */

/**
 * Decodes a BMP of 1 to 32 bits per pixel, plain, with bit fields or run-length encoded. Alpha is dropped.
 * @throws RejectedError CORRUPT where the data ends before the picture does.
 */
export function decodeBmp(bytes: Uint8Array): RgbPixels {
  const header = readBmpHeader(bytes);
  const isRunLength =
    header.compression === BMP_COMPRESSION.rle8 || header.compression === BMP_COMPRESSION.rle4;
  const { width, height } = header;
  const pixels = isRunLength ? decodeRuns(bytes, header) : decodeRows(bytes, header);
  return { pixels, width, height };
}

const truncated = (): RejectedError => new RejectedError('CORRUPT', 'The BMP ends before its last row.');

/** Byte offset of the first pixel of stored row `row` in the upright RGB buffer. */
const outputRowStart = ({ width, height, topDown }: BmpHeader, row: number): number =>
  (topDown ? row : height - 1 - row) * width * 3;

function decodeRows(bytes: Uint8Array, header: BmpHeader): Uint8Array {
  const { width, height, bitsPerPixel, pixelOffset } = header;
  const rowBytes = Math.ceil((width * bitsPerPixel) / 8);
  const stride = Math.ceil(rowBytes / 4) * 4;
  // Checked before the buffer is allocated: a small file can't ask for a large one.
  if (pixelOffset + stride * (height - 1) + rowBytes > bytes.length) throw truncated();
  const pixels = Buffer.allocUnsafe(width * height * 3);
  const decodeRow = bitsPerPixel <= 8 ? palettedRows(header) : maskedRows(header);
  for (let row = 0; row < height; row++) {
    decodeRow(bytes, pixelOffset + row * stride, pixels, outputRowStart(header, row));
  }
  return pixels;
}

type RowDecoder = (from: Uint8Array, start: number, to: Uint8Array, toStart: number) => void;

function palettedRows(header: BmpHeader): RowDecoder {
  const { width, bitsPerPixel } = header;
  const pixelsPerByte = 8 / bitsPerPixel;
  const lowBits = 2 ** bitsPerPixel - 1;
  const colours = rgbPalette(header);
  return (from, start, to, toStart) => {
    for (let x = 0; x < width; x++) {
      const byte = from[start + Math.floor(x / pixelsPerByte)] ?? 0;
      const shift = 8 - bitsPerPixel * ((x % pixelsPerByte) + 1);
      writeColour(colours, (byte >> shift) & lowBits, to, toStart + x * 3);
    }
  };
}

/** The palette as RGB with 256 entries: an index beyond the file's palette is black. */
function rgbPalette({ palette, paletteEntryBytes }: BmpHeader): Uint8Array {
  const colours = new Uint8Array(256 * 3);
  for (let index = 0; index * paletteEntryBytes < palette.length; index++) {
    const [blue = 0, green = 0, red = 0] = palette.subarray(index * paletteEntryBytes);
    colours.set([red, green, blue], index * 3);
  }
  return colours;
}

function writeColour(colours: Uint8Array, index: number, to: Uint8Array, at: number): void {
  to[at] = colours[index * 3] ?? 0;
  to[at + 1] = colours[index * 3 + 1] ?? 0;
  to[at + 2] = colours[index * 3 + 2] ?? 0;
}

function maskedRows({ width, bitsPerPixel, masks }: BmpHeader): RowDecoder {
  const bytesPerPixel = bitsPerPixel / 8;
  const [red, green, blue] = [toByte(masks[0]), toByte(masks[1]), toByte(masks[2])];
  return (from, start, to, toStart) => {
    for (let x = 0; x < width; x++) {
      const at = start + x * bytesPerPixel;
      let value = (from[at] ?? 0) | ((from[at + 1] ?? 0) << 8);
      if (bytesPerPixel > 2) value |= (from[at + 2] ?? 0) << 16;
      if (bytesPerPixel > 3) value |= (from[at + 3] ?? 0) << 24;
      to[toStart + x * 3] = red(value);
      to[toStart + x * 3 + 1] = green(value);
      to[toStart + x * 3 + 2] = blue(value);
    }
  };
}

/** Extracts the bits under `mask` and stretches them to 0..255. */
function toByte(mask: number): (pixel: number) => number {
  const shift = 31 - Math.clz32(mask & -mask);
  const highest = mask >>> shift;
  return (pixel) => Math.round((((pixel & mask) >>> shift) * 255) / highest);
}

/** Pixels that the runs skip stay black. */
function decodeRuns(bytes: Uint8Array, header: BmpHeader): Uint8Array {
  const { width, height } = header;
  const pixels = Buffer.alloc(width * height * 3);
  const colours = rgbPalette(header);
  const perByte = 8 / header.bitsPerPixel;
  const indexIn = (byte: number, nth: number): number =>
    perByte === 1 ? byte : nth % 2 === 0 ? byte >> 4 : byte & 15;
  let at = header.pixelOffset;
  let [x, row] = [0, 0];
  const put = (index: number): void => {
    if (x < width && row < height) writeColour(colours, index, pixels, outputRowStart(header, row) + x * 3);
    x++;
  };
  while (row < height) {
    if (at + 1 >= bytes.length) throw truncated();
    const [count = 0, value = 0] = bytes.subarray(at, at + 2);
    at += 2;
    if (count > 0) {
      for (let nth = 0; nth < count; nth++) put(indexIn(value, nth));
    } else if (value === RUN_CODE.endOfRow) {
      [x, row] = [0, row + 1];
    } else if (value === RUN_CODE.endOfPicture) {
      break;
    } else if (value === RUN_CODE.move) {
      if (at + 1 >= bytes.length) throw truncated();
      x += bytes[at] ?? 0;
      row += bytes[at + 1] ?? 0;
      at += 2;
    } else {
      // `value` single pixels follow, padded to whole 16-bit words.
      const literalBytes = Math.ceil(value / perByte);
      if (at + literalBytes > bytes.length) throw truncated();
      for (let nth = 0; nth < value; nth++) put(indexIn(bytes[at + Math.floor(nth / perByte)] ?? 0, nth));
      at += literalBytes + (literalBytes % 2);
    }
  }
  return pixels;
}

const RUN_CODE = { endOfRow: 0, endOfPicture: 1, move: 2 } as const;
