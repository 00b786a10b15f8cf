import { RejectedError } from '#contracts/errors';

/** The `biCompression` values that are read. */
export const BMP_COMPRESSION = { none: 0, rle8: 1, rle4: 2, bitFields: 3, alphaBitFields: 6 } as const;

export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  /** Rows are stored from the bottom up unless the file's height is negative. */
  readonly topDown: boolean;
  readonly bitsPerPixel: 1 | 4 | 8 | 16 | 24 | 32;
  readonly compression: number;
  /** Bits of red, green and blue within a pixel of 16 or 32 bits. */
  readonly masks: readonly [number, number, number];
  /** Blue, green, red (and an unused byte, see `paletteEntryBytes`) for each colour. */
  readonly palette: Uint8Array;
  readonly paletteEntryBytes: 3 | 4;
  /** Where the pixels begin. */
  readonly pixelOffset: number;
}

const FILE_HEADER_BYTES = 14;
const CORE_HEADER_BYTES = 12;
/** Headers up to 40 bytes have no room for masks: they follow the header. */
const INFO_HEADER_BYTES = 40;

const corrupt = (reason: string): RejectedError =>
  new RejectedError('CORRUPT', `Not a readable BMP: ${reason}.`);

/**
 * Reads and checks the headers of a BMP; allocates nothing.
 * Source: BITMAPFILEHEADER, BITMAPCOREHEADER, BITMAPINFOHEADER, BITMAPV4HEADER in the Windows GDI reference.
 * @throws RejectedError CORRUPT, or UNSUPPORTED_FORMAT where another format is embedded.
 */
export function readBmpHeader(bytes: Uint8Array): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = bytes.length < 18 ? 0 : view.getUint32(FILE_HEADER_BYTES, true);
  const isCore = headerBytes === CORE_HEADER_BYTES;
  if (headerBytes === 0 || bytes.length < FILE_HEADER_BYTES + headerBytes)
    throw corrupt('the header is cut off');
  const width = isCore ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = isCore ? view.getUint16(20, true) : view.getInt32(22, true);
  if (width <= 0 || signedHeight === 0) throw corrupt(`its size is ${width} × ${signedHeight}`);
  const bitsPerPixel = view.getUint16(isCore ? 24 : 28, true);
  const compression = isCore ? BMP_COMPRESSION.none : view.getUint32(30, true);
  checkDepth(bitsPerPixel, compression);
  const layout = layOut(view, { headerBytes, bitsPerPixel, compression, isCore });
  return {
    width,
    height: Math.abs(signedHeight),
    topDown: signedHeight < 0,
    bitsPerPixel: bitsPerPixel as BmpHeader['bitsPerPixel'],
    compression,
    ...layout,
    palette: bytes.subarray(layout.paletteStart, layout.paletteEnd),
  };
}

function checkDepth(bitsPerPixel: number, compression: number): void {
  const depths: Record<number, number[]> = {
    [BMP_COMPRESSION.none]: [1, 4, 8, 16, 24, 32],
    [BMP_COMPRESSION.rle8]: [8],
    [BMP_COMPRESSION.rle4]: [4],
    [BMP_COMPRESSION.bitFields]: [16, 32],
    [BMP_COMPRESSION.alphaBitFields]: [16, 32],
  };
  const allowed = depths[compression];
  if (!allowed) {
    throw new RejectedError('UNSUPPORTED_FORMAT', `BMP with compression ${compression} is not supported.`);
  }
  if (!allowed.includes(bitsPerPixel)) {
    throw corrupt(`${bitsPerPixel} bits per pixel with compression ${compression}`);
  }
}

interface Layout {
  readonly masks: readonly [number, number, number];
  readonly paletteStart: number;
  readonly paletteEnd: number;
  readonly paletteEntryBytes: 3 | 4;
  readonly pixelOffset: number;
}

function layOut(
  view: DataView,
  header: { headerBytes: number; bitsPerPixel: number; compression: number; isCore: boolean },
): Layout {
  const { headerBytes, bitsPerPixel, compression, isCore } = header;
  const hasMasks =
    compression === BMP_COMPRESSION.bitFields || compression === BMP_COMPRESSION.alphaBitFields;
  const masksStart = FILE_HEADER_BYTES + INFO_HEADER_BYTES;
  const masksAfterHeader = hasMasks && headerBytes === INFO_HEADER_BYTES;
  const maskBytes = compression === BMP_COMPRESSION.alphaBitFields ? 16 : 12;
  if (hasMasks && view.byteLength < masksStart + maskBytes) throw corrupt('the colour masks are cut off');
  const masks = hasMasks
    ? ([0, 4, 8].map((at) => view.getUint32(masksStart + at, true)) as [number, number, number])
    : defaultMasks(bitsPerPixel);
  if (masks.some((mask) => mask === 0)) throw corrupt('a colour mask is empty');

  const paletteStart = FILE_HEADER_BYTES + headerBytes + (masksAfterHeader ? maskBytes : 0);
  const paletteEntryBytes = isCore ? 3 : 4;
  const coloursTold = isCore ? 0 : view.getUint32(46, true);
  const coloursPossible = bitsPerPixel <= 8 ? 2 ** bitsPerPixel : 0;
  const colours = Math.min(coloursTold || coloursPossible, coloursPossible);
  const paletteEnd = paletteStart + colours * paletteEntryBytes;
  const pixelOffset = view.getUint32(10, true);
  if (paletteEnd > view.byteLength) throw corrupt('the palette is cut off');
  if (pixelOffset < FILE_HEADER_BYTES + headerBytes || pixelOffset >= view.byteLength) {
    throw corrupt(`its pixels are said to begin at byte ${pixelOffset} of ${view.byteLength}`);
  }
  return { masks, paletteStart, paletteEnd, paletteEntryBytes, pixelOffset };
}

const defaultMasks = (bitsPerPixel: number): readonly [number, number, number] =>
  bitsPerPixel === 16 ? [0x7c00, 0x03e0, 0x001f] : [0xff0000, 0x00ff00, 0x0000ff];
