import { describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import type { ImageMetadata } from '#contracts/image-facts';
import { scanPixels } from '#imaging/scan-pixels';
import { analysed, drawn, sharpOf, textured } from '../support/analysed-images.ts';

const metadataOf = async (image: ReturnType<typeof drawn>): Promise<ImageMetadata> =>
  (await analysed(await sharpOf(image).png().toBuffer())).facts.metadata;

const grey = (level: number) => [level, level, level] as const;

describe('statistics', () => {
  test('two pixels, by hand', async () => {
    const metadata = await metadataOf(drawn(2, 1, (x) => (x === 0 ? [255, 0, 51] : [0, 0, 153])));
    expect(metadata.shape).toEqual([1, 2, 3]);
    const close = (actual: number[], expected: number[]) =>
      expected.forEach((value, channel) => {
        expect(actual[channel]).toBeCloseTo(value, 10);
      });
    close(metadata.mean, [0.5, 0, 0.4]);
    close(metadata.std, [0.5, 0, 0.2]);
    close(metadata.sumOfValues, [1, 0, 0.8]);
    close(metadata.sumOfSquares, [1, 0, 0.04 + 0.36]);
    // All six levels: 255, 0, 51, 0, 0, 153. Mean 76.5; mean square 15,172.5.
    expect(metadata.snr).toBeCloseTo(76.5 / Math.sqrt(15_172.5 - 76.5 ** 2), 10);
  });

  test('a uniform image has no noise to divide by', async () => {
    const metadata = await metadataOf(drawn(5, 4, () => grey(77)));
    expect(metadata.snr).toBe(0);
    expect(metadata.std).toEqual([0, 0, 0]);
    expect(metadata.uniformRowRatio).toBe(1);
  });

  test.each([1, 2, 3, 4, 5, 7, 8, 255, 256, 257, 1023, 1024, 1030, 4100])('sums of %i columns', (width) => {
    const image = textured(width, 3);
    const { sums, sumsOfSquares } = scanPixels(image, 256);
    for (const channel of [0, 1, 2]) {
      const levels = image.pixels.filter((_, index) => index % 3 === channel);
      expect(sums[channel]).toBe(levels.reduce((sum, level) => sum + level, 0));
      expect(sumsOfSquares[channel]).toBe(levels.reduce((sum, level) => sum + level * level, 0));
    }
  });
});

describe('sharpness', () => {
  test('one bright pixel in the middle of 3 × 3', async () => {
    // Response 8 × 20 = 160 in the middle; the border keeps its level 0.
    const { sharpness } = await metadataOf(drawn(3, 3, (x, y) => grey(x === 1 && y === 1 ? 20 : 0)));
    expect(sharpness).toBeCloseTo(Math.sqrt(160 ** 2 / 9 - (160 / 9) ** 2), 8);
  });

  test('the response is clipped and the border stays as it is', async () => {
    // A dark pixel in white: its response is far below 0, clipped to 0; eight pixels keep 255.
    const { sharpness } = await metadataOf(drawn(3, 3, (x, y) => grey(x === 1 && y === 1 ? 0 : 255)));
    const mean = (8 * 255) / 9;
    expect(sharpness).toBeCloseTo(Math.sqrt((8 * 255 ** 2) / 9 - mean ** 2), 8);
  });

  test.each([2, 3, 4, 5, 8, 33])('equals the plain formula at width %i', async (width) => {
    const image = drawn(width, 9, (x, y) => grey((x * 83 + y * 57 + x * y * 11) % 256));
    expect((await metadataOf(image)).sharpness).toBeCloseTo(plainSharpness(image), 8);
  });
});

describe('luminance', () => {
  test.each([
    ['black', [0, 0, 0], 0],
    ['white', [255, 255, 255], 100],
    ['mid grey', [119, 119, 119], 50.03],
    ['red', [255, 0, 0], 53.24],
    ['green', [0, 255, 0], 87.73],
    ['blue', [0, 0, 255], 32.3],
  ] as const)('of %s', async (_, colour, expected) => {
    const { luminance } = await metadataOf(drawn(3, 3, () => colour));
    expect(Math.abs(luminance - expected)).toBeLessThan(0.05);
  });

  test('is the mean of the pixels', async () => {
    const { luminance } = await metadataOf(drawn(4, 1, (x) => (x === 0 ? grey(255) : grey(0))));
    expect(Math.abs(luminance - 25)).toBeLessThan(0.05);
  });
});

describe('uniform rows', () => {
  test('rows beside an edge have structure, others have none', async () => {
    // Black above, white below: of the 8 inner rows the two at the edge respond.
    const { uniformRowRatio } = await metadataOf(drawn(20, 10, (_, y) => grey(y < 5 ? 0 : 255)));
    expect(uniformRowRatio).toBeCloseTo(6 / 8, 10);
  });

  test('a response of 4 is none, of 5 it is', async () => {
    const stripes = (step: number) => drawn(40, 9, (_, y) => grey(y === 4 ? 100 + step : 100));
    // A row that differs by d responds with 6 d, its neighbours with -3 d.
    expect((await metadataOf(stripes(1))).uniformRowRatio).toBeCloseTo(6 / 7, 10);
    expect((await metadataOf(stripes(2))).uniformRowRatio).toBeCloseTo(4 / 7, 10);
  });

  test('tall images are scaled to 400 rows; tiny ones have none', async () => {
    const tall = await metadataOf(drawn(30, 1600, (x, y) => grey(y < 800 ? 90 : (x * 97) % 256)));
    expect(tall.uniformRowRatio).toBeCloseTo(0.5, 2);
    expect((await metadataOf(drawn(2, 50, () => grey(9)))).uniformRowRatio).toBe(0);
  });
});

describe('colour spaces', () => {
  const picture = textured(40, 30);

  test('alpha is dropped, not blended', async () => {
    const half = await sharpOf(picture).ensureAlpha(0.5).png().toBuffer();
    expect((await analysed(half)).facts.metadata.mean).toEqual((await metadataOf(picture)).mean);
  });

  test('grey, with and without alpha', async () => {
    const ramp = drawn(16, 4, (x) => grey(x * 16));
    const expected = (await metadataOf(ramp)).mean;
    const greyscale = sharpOf(ramp).toColourspace('b-w');
    const plain = await greyscale.clone().png().toBuffer();
    const withAlpha = await greyscale.clone().ensureAlpha(0.3).png().toBuffer();
    expect([(await sharp(plain).metadata()).channels, (await sharp(withAlpha).metadata()).channels]).toEqual([
      1, 2,
    ]);
    for (const bytes of [plain, withAlpha]) {
      expect((await analysed(bytes)).facts.metadata.mean).toEqual(expected);
    }
  });

  test('16 bits keep their upper 8', async () => {
    const words = Uint16Array.from([0x1234, 0x80ff, 0xffff]);
    const bytes = await sharp(words, { raw: { width: 1, height: 1, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect((await sharp(bytes).metadata()).depth).toBe('ushort');
    expect((await analysed(bytes)).facts.metadata.sumOfValues).toEqual([0x12 / 255, 0x80 / 255, 1]);
  });

  test('a palette', async () => {
    const four = drawn(8, 8, (x, y) => [(x % 2) * 255, (y % 2) * 255, 0]);
    const bytes = await sharpOf(four).png({ palette: true, colours: 4, dither: 0 }).toBuffer();
    expect((await sharp(bytes).metadata()).isPalette).toBe(true);
    const { mean } = (await analysed(bytes)).facts.metadata;
    expect(mean[0]).toBeCloseTo(0.5, 2);
    expect(mean[2]).toBeCloseTo(0, 2);
  });

  test('CMYK becomes the colours it stands for', async () => {
    const red = await sharpOf(drawn(16, 16, () => [200, 30, 40]))
      .toColourspace('cmyk')
      .jpeg({ quality: 95 })
      .toBuffer();
    expect((await sharp(red).metadata()).space).toBe('cmyk');
    const { mean } = (await analysed(red)).facts.metadata;
    expect(mean[0]).toBeGreaterThan(0.6);
    expect(mean[1]).toBeLessThan(0.3);
    expect(mean[2]).toBeLessThan(0.35);
  });

  test('an ICC profile is not applied', async () => {
    const tagged = await sharpOf(picture).withIccProfile('p3', { attach: true }).png().toBuffer();
    const { icc } = await sharp(tagged).metadata();
    const stored = await sharp(tagged, { ignoreIcc: true }).raw().toBuffer();
    const sumOfRed = stored.filter((_, index) => index % 3 === 0).reduce((sum, level) => sum + level, 0);
    expect(icc).toBeDefined();
    expect((await analysed(tagged)).facts.metadata.sumOfValues[0]).toBeCloseTo(sumOfRed / 255, 8);
  });
});

/** The filter written out pixel by pixel, for comparison. */
function plainSharpness({ pixels, width, height }: ReturnType<typeof drawn>): number {
  const level = (x: number, y: number) => pixels[(y * width + x) * 3]!;
  const responses: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isBorder = x === 0 || y === 0 || x === width - 1 || y === height - 1;
      let around = -level(x, y);
      for (const dy of [-1, 0, 1])
        for (const dx of [-1, 0, 1]) around += isBorder ? 0 : level(x + dx, y + dy);
      responses.push(isBorder ? level(x, y) : Math.min(255, Math.max(0, 8 * level(x, y) - around)));
    }
  }
  const mean = responses.reduce((sum, value) => sum + value, 0) / responses.length;
  return Math.sqrt(responses.reduce((sum, value) => sum + (value - mean) ** 2, 0) / responses.length);
}
