import { describe, expect, test } from '@jest/globals';
import { InvalidInputError } from '#contracts/errors';
import { uprightSizeOf } from '#contracts/image-facts';
import type { PredictionSingleton } from '#contracts/predictions';
import { regionInside } from '#imaging/image-region';
import { NOTHING_GIVEN } from '#platform/given-facts/given-facts';
import { runConfigOf } from '#platform/scheduling/run-config';
import { cropTasks, MOST_REGIONS } from '#worker/crops/crop-tasks';
import { automaticRegions, predictedRegions } from '#worker/crops/regions';
import { someFacts } from '../support/documents.ts';

const SIZE = { width: 1000, height: 600 };
const found = { taskName: 'cars', categoryId: 3, score: 0.5 };
const detection = (bbox: number[], score = 0.5): PredictionSingleton => ({
  ...found,
  type: 'OBJECT_DETECTION',
  score,
  bbox,
});

describe('where objects were predicted', () => {
  test('is the box, with its place in the list, its category and score', () => {
    expect(predictedRegions([detection([10, 20, 30, 40]), detection([1, 2, 3, 4], 0.9)])).toEqual([
      { index: 0, region: { x: 10, y: 20, width: 30, height: 40 }, categoryId: 3, score: 0.5 },
      { index: 1, region: { x: 1, y: 2, width: 3, height: 4 }, categoryId: 3, score: 0.9 },
    ]);
  });

  test('is larger with padding, on all sides', () => {
    const [padded] = predictedRegions([detection([100, 200, 50, 20])], 0.1);
    expect(padded?.region).toEqual({ x: 95, y: 198, width: 60, height: 24 });
  });

  test('is around the visible keypoints where there is no box', () => {
    const keypoints = [50, 60, 1, 90, 20, 0.4, 500, 500, 0];
    const person: PredictionSingleton = { ...found, type: 'KEYPOINT_DETECTION', keypoints };
    expect(predictedRegions([person])[0]?.region).toEqual({ x: 50, y: 20, width: 40, height: 40 });
    expect(predictedRegions([{ ...person, bbox: [1, 2, 3, 4] }])[0]?.region).toMatchObject({ x: 1, y: 2 });
    expect(predictedRegions([{ ...person, keypoints: [1, 2, 0] }])).toEqual([]);
    const crowd = Array.from({ length: 600_000 }, (_, at) => (at % 3 === 2 ? 1 : at % 1_000));
    expect(predictedRegions([{ ...person, keypoints: crowd }])[0]?.region).toMatchObject({ x: 0, y: 0 });
  });

  test('has finite numbers however large the box, for a plan is JSON', () => {
    const [huge] = predictedRegions([detection([0, 0, 1e308, 10])], 1);
    expect(Object.values(huge!.region).every(Number.isFinite)).toBe(true);
    expect(regionInside(huge!.region, SIZE)).toMatchObject({ x: 0, width: SIZE.width });
  });

  test('is nowhere for what has no place; the others keep their index', () => {
    const whole: PredictionSingleton = { ...found, type: 'CLASSIFICATION' };
    expect(predictedRegions([whole, detection([0, 0, 5, 5])])).toMatchObject([{ index: 1 }]);
  });
});

describe('tiles', () => {
  const tiling = (numRows: number, numCols: number, overlap: number) =>
    automaticRegions({ type: 'TILING', name: 'tiles', numRows, numCols, overlap }, SIZE);

  test('cover the image row by row without overlap', () => {
    const tiles = tiling(2, 4, 0).map(({ region }) => region);
    expect(tiles[0]).toEqual({ x: 0, y: 0, width: 250, height: 300 });
    expect(tiles[5]).toEqual({ x: 250, y: 300, width: 250, height: 300 });
    expect(tiles).toHaveLength(8);
  });

  test.each([0.1, 0.25, 0.5, 0.9])('that share %d of a tile end where the image ends', (overlap) => {
    const tiles = tiling(3, 5, overlap).map(({ region }) => region);
    const last = tiles[14]!;
    expect(last.x + last.width).toBeCloseTo(SIZE.width);
    expect(last.y + last.height).toBeCloseTo(SIZE.height);
    const [first, second] = [tiles[0]!, tiles[1]!];
    expect((first.x + first.width - second.x) / first.width).toBeCloseTo(overlap);
  });

  test('of one row and column are the image', () => {
    expect(tiling(1, 1, 0.5)[0]).toEqual({
      ...{ index: 0, categoryId: 0, score: 1 },
      region: { x: 0, y: 0, ...SIZE },
    });
  });
});

test('fixed boxes are shares of the image, whichever corner comes first', () => {
  const boxes = automaticRegions(
    {
      type: 'CROP',
      name: 'fixed',
      bboxs: [
        [0.1, 0.5, 0.3, 1],
        [0.3, 1, 0.1, 0.5],
      ],
    },
    SIZE,
  );
  for (const { region } of boxes) {
    expect(regionInside(region, SIZE)).toEqual({ x: 100, y: 300, width: 200, height: 300 });
  }
});

describe('the tasks of object crops', () => {
  const configWith = (selection: object, docker: object = {}) =>
    runConfigOf({
      version: 'V4',
      document: JSON.stringify({
        docker,
        selection: {
          nSamples: 1,
          strategies: [{ input: { type: 'RANDOM' }, strategy: { type: 'WEIGHTS' } }],
          ...selection,
        },
      }),
    });
  const categories = [{ id: 3, name: 'car' }];
  const given = (type: 'OBJECT_DETECTION' | 'CLASSIFICATION', predictions: PredictionSingleton[]) => ({
    ...NOTHING_GIVEN,
    tasks: [{ type, name: 'cars', categories }],
    predictions: new Map([['cars', new Map([['a.jpg', predictions]])]]),
  });

  test('are predicted or automatic; an image that nothing was predicted for has no regions', () => {
    const autoTasks = [{ type: 'TILING', name: 'tiles', numRows: 2, numCols: 2 }];
    const [cars, tiles] = cropTasks(
      ['cars', 'tiles'],
      configWith({ autoTasks }),
      given('OBJECT_DETECTION', [detection([1, 2, 3, 4])]),
    );
    expect(cars?.regionsOf('a.jpg', SIZE)).toHaveLength(1);
    expect(cars?.regionsOf('b.jpg', SIZE)).toEqual([]);
    expect(tiles?.regionsOf('b.jpg', SIZE)).toHaveLength(4);
  });

  test('that no image could have crops of are refused', () => {
    const config = configWith({});
    const attempt = (names: string[]) => () => cropTasks(names, config, given('CLASSIFICATION', []));
    expect(attempt(['bikes'])).toThrow(InvalidInputError);
    expect(attempt(['bikes'])).toThrow(/'bikes'.*neither/);
    expect(attempt(['cars'])).toThrow(/CLASSIFICATION.*OBJECT_DETECTION/);
  });

  test('keep the most certain of very many objects', () => {
    const many = Array.from({ length: MOST_REGIONS + 5 }, (_, index) =>
      detection([index, 0, 5, 5], index < 5 ? 0.1 : 0.9),
    );
    const [cars] = cropTasks(['cars'], configWith({}), given('OBJECT_DETECTION', many));
    const indexes = cars?.regionsOf('a.jpg', SIZE).map(({ index }) => index);
    expect(indexes).toEqual(Array.from({ length: MOST_REGIONS }, (_, index) => index + 5));
  });
});

test('boxes are in pixels of the image as people see it', () => {
  const facts = { ...someFacts(1), width: 40, height: 30 };
  expect(uprightSizeOf({ ...facts, exif: {} })).toEqual({ width: 40, height: 30 });
  expect(uprightSizeOf({ ...facts, exif: { orientation: 6 } })).toEqual({ width: 30, height: 40 });
});
