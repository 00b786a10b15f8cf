import { crc32 } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { imageFacts } from '#contracts/image-facts';
import { analysed, drawn, outcomeOf, sharpOf, textured } from '../support/analysed-images.ts';
import { bmp24 } from '../support/bmp-files.ts';

const WIDTH = 61;
const HEIGHT = 43;
const picture = textured(WIDTH, HEIGHT);
const encoded = {
  jpeg: await sharpOf(picture).jpeg().toBuffer(),
  png: await sharpOf(picture).png().toBuffer(),
  webp: await sharpOf(picture).webp().toBuffer(),
  gif: await sharpOf(picture).gif().toBuffer(),
  tiff: await sharpOf(picture).tiff({ compression: 'lzw' }).toBuffer(),
  avif: await sharpOf(picture).avif({ effort: 0 }).toBuffer(),
  bmp: bmp24(picture),
};
const progressive = await sharpOf(picture).jpeg({ progressive: true }).toBuffer();
const formats = Object.entries(encoded);

describe('accepted formats', () => {
  test.each(formats)('%s gives valid facts of the picture', async (format, bytes) => {
    const { facts, thumbnail } = await analysed(bytes);
    expect(imageFacts.parse(facts)).toMatchObject({ format, width: WIDTH, height: HEIGHT });
    expect(facts.metadata.sizeInBytes).toBe(bytes.length);
    expect(facts.metadata.shape).toEqual([HEIGHT, WIDTH, 3]);
    const lossless = (await analysed(encoded.png)).facts.metadata;
    facts.metadata.mean.forEach((mean, channel) => {
      expect(Math.abs(mean - lossless.mean[channel]!)).toBeLessThan(0.02);
    });
    expect(await sharp(thumbnail.bytes).metadata()).toMatchObject({
      format: 'webp',
      width: thumbnail.width,
      height: thumbnail.height,
    });
  });

  test('the first frame and the first page count', async () => {
    const [red, blue] = [drawn(20, 10, () => [250, 0, 0]), drawn(20, 10, () => [0, 0, 250])];
    const frames = [await sharpOf(red).png().toBuffer(), await sharpOf(blue).png().toBuffer()];
    const animated = sharp(frames, { join: { animated: true } });
    for (const bytes of [await animated.clone().gif().toBuffer(), await animated.clone().tiff().toBuffer()]) {
      const { facts } = await analysed(bytes);
      expect([facts.width, facts.height]).toEqual([20, 10]);
      expect(facts.metadata.mean[0]).toBeGreaterThan(0.9);
      expect(facts.metadata.mean[2]).toBeLessThan(0.1);
    }
  });
});

describe('content decides', () => {
  test.each([
    [
      'SVG',
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
    ],
    ['SVG after XML', '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
    ['PDF', '%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj'],
    ['text', 'BM is how this text begins, and it goes on for a while.'],
    ['HTML', '<html><img src="a.jpg"></html>'],
    ['PostScript', '%!PS-Adobe-3.0 EPSF-3.0'],
  ])('%s is unsupported', async (_, content) => {
    expect(await outcomeOf(Buffer.from(content))).toBe('UNSUPPORTED_FORMAT');
  });

  test.each([
    ['JPEG 2000', [0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20, 0x0d, 0x0a, 0x87, 0x0a, 0, 0, 0, 20]],
    ['ICO', [0, 0, 1, 0, 1, 0, 16, 16, 0, 0, 1, 0, 32, 0, 0, 0]],
    ['HEIC', [0, 0, 0, 24, ...Buffer.from('ftypheic'), 0, 0, 0, 0, ...Buffer.from('mif1heic')]],
    ['WAV, a RIFF too', [...Buffer.from('RIFF'), 36, 0, 0, 0, ...Buffer.from('WAVEfmt ')]],
  ])('%s is unsupported', async (_, content) => {
    expect(await outcomeOf(Buffer.from(content))).toBe('UNSUPPORTED_FORMAT');
  });

  test('an SVG that begins like a GIF is not drawn', async () => {
    const disguised = Buffer.from(`GIF89a<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>`);
    expect(await outcomeOf(disguised)).toMatch(/CORRUPT|UNSUPPORTED_FORMAT|TOO_MANY_PIXELS/);
  });

  test('zero bytes are EMPTY', async () => {
    expect(await outcomeOf(new Uint8Array())).toBe('EMPTY');
  });
});

describe('limits', () => {
  test('bytes', async () => {
    expect(await outcomeOf(encoded.png, { maxBytes: encoded.png.length })).toBe('ok');
    expect(await outcomeOf(encoded.png, { maxBytes: encoded.png.length - 1 })).toBe('TOO_MANY_BYTES');
  });

  test.each(formats)('pixels of %s', async (_, bytes) => {
    expect(await outcomeOf(bytes, { maxPixels: WIDTH * HEIGHT })).toBe('ok');
    expect(await outcomeOf(bytes, { maxPixels: WIDTH * HEIGHT - 1 })).toBe('TOO_MANY_PIXELS');
  });

  test.each([
    ['PNG', withPngSize(encoded.png, 65_535, 65_535), 'TOO_MANY_PIXELS'],
    ['PNG that ends after its header', withPngSize(encoded.png, 65_535, 65_535).subarray(0, 33), 'CORRUPT'],
    ['GIF', withGifSize(encoded.gif, 65_535, 65_535), 'TOO_MANY_PIXELS'],
    ['BMP', withBmpSize(encoded.bmp, 65_535, 65_535), 'TOO_MANY_PIXELS'],
  ])('a %s that claims 65,535 × 65,535 costs neither memory nor time', async (_, bytes, expected) => {
    const before = process.resourceUsage();
    expect(await outcomeOf(bytes)).toBe(expected);
    const after = process.resourceUsage();
    expect((after.maxRSS - before.maxRSS) / 1024).toBeLessThan(100);
    expect((after.userCPUTime - before.userCPUTime) / 1e6).toBeLessThan(1);
  });

  test('a small file of many pixels of one colour is refused before it is decoded', async () => {
    const flat = { create: { width: 12_000, height: 9_000, channels: 3, background: 'grey' } } as const;
    const bytes = await sharp(flat).png({ compressionLevel: 9 }).toBuffer();
    expect(bytes.length).toBeLessThan(500_000);
    expect(await outcomeOf(bytes)).toBe('TOO_MANY_PIXELS');
  });
});

describe('broken files', () => {
  test.each([...formats, ['progressive jpeg', progressive] as const])(
    'a truncated %s is CORRUPT wherever it ends',
    async (_, bytes) => {
      // Within the first 18 bytes there is no telling what it was; PNG and GIF end with a marker that holds nothing.
      for (let share = 0.05; share < 0.99; share += 0.047) {
        const length = Math.max(18, Math.floor(bytes.length * share));
        expect([length, await outcomeOf(bytes.subarray(0, length))]).toEqual([length, 'CORRUPT']);
      }
    },
  );

  test('the decoder gives the reason', async () => {
    const half = encoded.jpeg.subarray(0, encoded.jpeg.length / 2);
    await expect(analysed(half)).rejects.toThrow(/premature end of JPEG/);
  });

  test('a header of noise is CORRUPT', async () => {
    const noise = Buffer.from(Array.from({ length: 400 }, (_, index) => (index * 73) % 251));
    const jpeg = Buffer.concat([encoded.jpeg.subarray(0, 4), noise]);
    expect(await outcomeOf(jpeg)).toBe('CORRUPT');
    const png = Buffer.concat([encoded.png.subarray(0, 8), noise]);
    expect(await outcomeOf(png)).toBe('CORRUPT');
  });

  test('flipped bits give facts or a rejection, nothing else', async () => {
    for (const [, bytes] of formats) {
      for (let round = 0; round < 12; round++) {
        const damaged = Buffer.from(bytes);
        const at = (round * 7919 + 13) % damaged.length;
        damaged[at] = damaged[at]! ^ (1 << (round % 8));
        expect(await outcomeOf(damaged)).toMatch(/^(ok|CORRUPT|UNSUPPORTED_FORMAT|TOO_MANY_PIXELS)$/);
      }
    }
  });

  test('stray bytes beside the data do not reject a photo', async () => {
    expect(await outcomeOf(Buffer.concat([encoded.jpeg, Buffer.alloc(500)]))).toBe('ok');
    const endMarker = encoded.jpeg.length - 2;
    const strayBytes = Buffer.concat([
      encoded.jpeg.subarray(0, endMarker),
      Buffer.from([0x12, 0x34]),
      encoded.jpeg.subarray(endMarker),
    ]);
    expect(await outcomeOf(strayBytes)).toBe('ok');
  });
});

function withPngSize(png: Buffer, width: number, height: number): Buffer {
  const changed = Buffer.from(png);
  changed.writeUInt32BE(width, 16);
  changed.writeUInt32BE(height, 20);
  changed.writeUInt32BE(crc32(changed.subarray(12, 29)), 29);
  return changed;
}

function withGifSize(gif: Buffer, width: number, height: number): Buffer {
  const changed = Buffer.from(gif);
  // The size stands in the header and again before the frame, after its marker and position.
  const frame = changed.indexOf(Buffer.from([0x2c, 0, 0, 0, 0]));
  for (const at of [6, frame + 5]) {
    changed.writeUInt16LE(width, at);
    changed.writeUInt16LE(height, at + 2);
  }
  return changed;
}

function withBmpSize(bmp: Buffer, width: number, height: number): Buffer {
  const changed = Buffer.from(bmp);
  changed.writeInt32LE(width, 18);
  changed.writeInt32LE(height, 22);
  return changed;
}
