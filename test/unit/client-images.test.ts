import { describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { loadImageReader } from '../../client/image-reader.ts';
import { ImageError } from '../../client/index.ts';
import { analysed, drawn, sharpOf, textured } from '../support/analysed-images.ts';

const reader = await loadImageReader();

describe('metadata', () => {
  const images = [
    ['a photo', textured(200, 150)],
    ['one colour', drawn(20, 10, () => [9, 99, 199])],
    ['one pixel', drawn(1, 1, () => [1, 2, 3])],
    ['one line', textured(40, 1)],
    ['noise', drawn(64, 65, (x, y) => [(x * 7919 + y * 104729) % 256, (x * x * y) % 256, (x ^ y) % 256])],
  ] as const;

  test.each(images)('of %s are those that a run finds', async (_, image) => {
    const bytes = await sharpOf(image).png().toBuffer();
    const {
      luminance: _luminance,
      uniformRowRatio: _ratio,
      ...expected
    } = (await analysed(bytes)).facts.metadata;
    const metadata = await reader.metadata(bytes);
    expect(Object.keys(metadata).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, value] of Object.entries(expected)) {
      const ofChannels = [value].flat();
      const actual = [metadata[name as keyof typeof metadata]].flat() as number[];
      const digits = name === 'sharpness' ? 1 : 6;
      for (const [channel, number] of ofChannels.entries()) {
        expect(actual[channel]).toBeCloseTo(number, digits);
      }
    }
  });

  test.each(['jpeg', 'webp', 'gif', 'tiff'] as const)('are found of a %s', async (format) => {
    const bytes = await sharpOf(textured(30, 20)).toFormat(format).toBuffer();
    await expect(reader.metadata(bytes)).resolves.toMatchObject({
      shape: [20, 30, 3],
      sizeInBytes: bytes.length,
    });
  });

  test('of a grey image with transparency are those of three channels', async () => {
    const grey = await sharp({ create: { width: 9, height: 8, channels: 4, background: '#808080' } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    const { mean, shape } = await reader.metadata(grey);
    expect(shape).toEqual([8, 9, 3]);
    expect(new Set(mean).size).toBe(1);
  });
});

describe('a thumbnail', () => {
  const sizeOf = async (bytes: Uint8Array) => {
    const { format, width, height } = await sharp(bytes).metadata();
    return { format, width, height };
  };

  test('is a WebP of 128 pixels a side at most', async () => {
    const bytes = await sharpOf(textured(400, 200)).jpeg().toBuffer();
    expect(await sizeOf(await reader.thumbnail(bytes))).toEqual({ format: 'webp', width: 128, height: 64 });
  });

  test('is not larger than its image', async () => {
    const bytes = await sharpOf(textured(40, 20)).png().toBuffer();
    expect(await sizeOf(await reader.thumbnail(bytes))).toEqual({ format: 'webp', width: 40, height: 20 });
  });

  test('is upright', async () => {
    const bytes = await sharpOf(textured(400, 200)).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await sizeOf(await reader.thumbnail(bytes))).toMatchObject({ width: 64, height: 128 });
  });
});

test.each([
  [50, { width: 100, height: 50 }],
  [[30, 70] as const, { width: 30, height: 70 }],
])('an image is made as large as %j says, in its own format', async (size, expected) => {
  const bytes = await sharpOf(textured(400, 200)).jpeg().toBuffer();
  const resized = await sharp(await reader.resized(bytes, size)).metadata();
  expect(resized).toMatchObject({ format: 'jpeg', ...expected });
});

test('what is no image, or half of one, is an error of its own', async () => {
  const bytes = await sharpOf(textured(100, 100)).jpeg().toBuffer();
  for (const broken of [Buffer.from('no image'), Buffer.alloc(0), bytes.subarray(0, bytes.length / 2)]) {
    await expect(reader.metadata(broken)).rejects.toThrow(ImageError);
  }
});
