import { describe, expect, test } from '@jest/globals';
import { decodeBmp } from '#imaging/decode-bmp';
import { outcomeOf, textured } from '../support/analysed-images.ts';
import { bmp24, bmpFile } from '../support/bmp-files.ts';

const RED = [255, 0, 0];
const GREEN = [0, 255, 0];
const BLUE = [0, 0, 255];
const BLACK = [0, 0, 0];
/** Red, green, blue as BMP stores them. */
const PALETTE = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0];

const pixelsOf = (bytes: Buffer): number[] => [...decodeBmp(bytes).pixels];

describe('BMP', () => {
  test('24 bits, from the bottom and from the top', () => {
    const picture = textured(7, 5);
    expect(decodeBmp(bmp24(picture)).pixels).toEqual(Buffer.from(picture.pixels));
    const topDown = bmpFile({ width: 1, height: -2, bitsPerPixel: 24, data: [0, 0, 255, 0, 255, 0, 0, 0] });
    expect(pixelsOf(topDown)).toEqual([...RED, ...BLUE]);
  });

  test('1, 4 and 8 bits with a palette', () => {
    const size = { width: 3, height: 1, palette: PALETTE };
    expect(pixelsOf(bmpFile({ ...size, bitsPerPixel: 1, data: [0b01000000, 0, 0, 0] }))).toEqual([
      ...RED,
      ...GREEN,
      ...RED,
    ]);
    expect(pixelsOf(bmpFile({ ...size, bitsPerPixel: 4, data: [0x01, 0x20, 0, 0] }))).toEqual([
      ...RED,
      ...GREEN,
      ...BLUE,
    ]);
    expect(pixelsOf(bmpFile({ ...size, bitsPerPixel: 8, data: [2, 200, 0, 0] }))).toEqual([
      ...BLUE,
      ...BLACK,
      ...RED,
    ]);
  });

  test('16 and 32 bits, with and without masks', () => {
    const plain16 = bmpFile({ width: 2, height: 1, bitsPerPixel: 16, data: [0x00, 0x7c, 0x1f, 0x00] });
    expect(pixelsOf(plain16)).toEqual([...RED, ...BLUE]);
    const masks = [0xf800, 0x07e0, 0x001f];
    const data = [0x00, 0xf8, 0xe0, 0x07];
    const masked16 = bmpFile({ width: 2, height: 1, bitsPerPixel: 16, compression: 3, masks, data });
    expect(pixelsOf(masked16)).toEqual([...RED, ...GREEN]);
    const plain32 = bmpFile({ width: 1, height: 1, bitsPerPixel: 32, data: [3, 2, 1, 255] });
    expect(pixelsOf(plain32)).toEqual([1, 2, 3]);
  });

  test('run lengths: runs, single pixels, moves and ends', () => {
    const rle8 = [2, 0, 1, 1, 0, 0, 0, 3, 2, 1, 0, 0, 0, 1];
    const size = { width: 3, height: 2, palette: PALETTE };
    expect(pixelsOf(bmpFile({ ...size, bitsPerPixel: 8, compression: 1, data: rle8 }))).toEqual([
      ...[...BLUE, ...GREEN, ...RED],
      ...[...RED, ...RED, ...GREEN],
    ]);
    const rle4 = [3, 0x01, 0, 2, 0, 1, 0, 1];
    expect(pixelsOf(bmpFile({ ...size, bitsPerPixel: 4, compression: 2, data: rle4 }))).toEqual([
      ...[...BLACK, ...BLACK, ...BLACK],
      ...[...RED, ...GREEN, ...RED],
    ]);
  });

  test.each([
    ['no data', { width: 1000, height: 1000, bitsPerPixel: 24, data: [1] }],
    ['width 0', { width: 0, height: 1, bitsPerPixel: 24, data: [1] }],
    ['a negative width', { width: -5, height: 1, bitsPerPixel: 24, data: [1] }],
    ['height 0', { width: 1, height: 0, bitsPerPixel: 24, data: [1] }],
    ['7 bits a pixel', { width: 1, height: 1, bitsPerPixel: 7, data: [1, 2, 3, 4] }],
    ['endless run lengths', { width: 9, height: 9, bitsPerPixel: 8, compression: 1, data: [9, 0, 0, 0] }],
    ['empty masks', { width: 1, height: 1, bitsPerPixel: 32, compression: 3, masks: [0, 0, 0], data: [1] }],
  ])('%s is CORRUPT', async (_, parts) => {
    expect(await outcomeOf(bmpFile(parts))).toBe('CORRUPT');
  });

  test('a header that ends early, or points beyond the file, is CORRUPT', async () => {
    const good = bmp24(textured(4, 4));
    for (const length of [18, 30, 53, 54]) expect(await outcomeOf(good.subarray(0, length))).toBe('CORRUPT');
    const beyond = Buffer.from(good);
    beyond.writeUInt32LE(4_000_000_000, 10);
    expect(await outcomeOf(beyond)).toBe('CORRUPT');
  });

  test('JPEG inside BMP is unsupported', async () => {
    const embedded = bmpFile({ width: 1, height: 1, bitsPerPixel: 24, compression: 4, data: [1, 2, 3, 0] });
    expect(await outcomeOf(embedded)).toBe('UNSUPPORTED_FORMAT');
  });
});
