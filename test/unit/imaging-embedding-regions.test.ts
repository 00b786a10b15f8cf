import { describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { classicalEmbedding } from '#imaging/classical-embedding';
import { decodeImage, type StoredImage } from '#imaging/decode-image';
import { embedRegions } from '#imaging/embed-regions';
import { regionInside } from '#imaging/image-region';
import type { Orientation } from '#imaging/rgb-pixels';
import { analysed, outcomeOf, sharpOf, textured } from '../support/analysed-images.ts';

const WIDTH = 90;
const HEIGHT = 60;
const LIMITS = { maxBytes: 1e6, maxPixels: 1e6 };
const pictured = textured(WIDTH, HEIGHT, 3);
const ALL = { x: 0, y: 0, width: WIDTH, height: HEIGHT };

const fileWith = (orientation: Orientation): Promise<Buffer> =>
  sharpOf(pictured).withMetadata({ orientation }).png().toBuffer();

const embed = (image: StoredImage, ...regions: Parameters<typeof embedRegions>[1]) =>
  embedRegions(image, regions, classicalEmbedding);

describe('embedding parts of an image', () => {
  test('a region that is all of the image has the vector of the image', async () => {
    const bytes = await fileWith(1);
    const image = await decodeImage(bytes, LIMITS);
    const { facts } = await analysed(bytes);
    expect(await embed(image, ALL)).toEqual([facts.embedding]);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8] as const)(
    'regions are those of the upright image (orientation %d)',
    async (orientation) => {
      const file = await fileWith(orientation);
      const image = await decodeImage(file, LIMITS);
      const { data, info } = await sharp(file).autoOrient().raw().toBuffer({ resolveWithObject: true });
      const turned = { pixels: data, width: info.width, height: info.height, orientation: 1 as const };
      const region = { x: 5, y: 11, width: 23, height: 31 };
      const [ofStored] = await embed(image, region);
      const [ofTurned] = await embed(turned, region);
      expect(ofStored).toEqual(ofTurned);
    },
  );

  test('each region has a vector of its own, in order; one outside has none', async () => {
    const image = await decodeImage(await fileWith(1), LIMITS);
    const left = { x: 0, y: 0, width: 45, height: 60 };
    const right = { x: 45, y: 0, width: 45, height: 60 };
    const outside = { x: 90, y: 10, width: 20, height: 20 };
    const [ofLeft, nothing, ofRight] = await embed(image, left, outside, right);
    expect(nothing).toBeUndefined();
    expect(ofLeft).toHaveLength(classicalEmbedding.dimension);
    expect([[ofLeft], [ofRight]]).toEqual([await embed(image, left), await embed(image, right)]);
    expect(ofLeft).not.toEqual(ofRight);
  });
});

describe('a region inside an image of 90 × 60', () => {
  const size = { width: WIDTH, height: HEIGHT };
  test.each([
    [
      'cut off at the borders',
      { x: -10, y: 50, width: 30, height: 30 },
      { x: 0, y: 50, width: 20, height: 10 },
    ],
    [
      'with every pixel it touches',
      { x: 10.6, y: 10.2, width: 20.1, height: 20.3 },
      { x: 10, y: 10, width: 21, height: 21 },
    ],
    [
      'widened around its centre',
      { x: 40, y: 30, width: 2, height: 2 },
      { x: 37, y: 27, width: 8, height: 8 },
    ],
    [
      'widened inwards at a corner',
      { x: 89, y: 0, width: 5, height: 1 },
      { x: 82, y: 0, width: 8, height: 8 },
    ],
  ])('%s', (_, region, expected) => {
    expect(regionInside(region, size)).toEqual(expected);
  });

  test.each([
    ['beside it', { x: 90, y: 0, width: 10, height: 10 }],
    ['empty', { x: 10, y: 10, width: 0, height: 10 }],
    ['negative', { x: 10, y: 10, width: 10, height: -10 }],
    ['no number', { x: Number.NaN, y: 10, width: 10, height: 10 }],
  ])('is none where it is %s', (_, region) => {
    expect(regionInside(region, size)).toBeUndefined();
  });

  test('an image that is smaller than the least side is taken whole', () => {
    expect(regionInside({ x: 1, y: 1, width: 1, height: 1 }, { width: 3, height: 2 })).toEqual({
      ...{ x: 0, y: 0, width: 3, height: 2 },
    });
  });
});

test('limits hold for regions as for images', async () => {
  const bytes = await fileWith(1);
  await expect(decodeImage(bytes, { ...LIMITS, maxPixels: 5_399 })).rejects.toMatchObject({
    code: 'TOO_MANY_PIXELS',
  });
  expect(await outcomeOf(bytes, { maxPixels: 5_399 })).toBe('TOO_MANY_PIXELS');
});
