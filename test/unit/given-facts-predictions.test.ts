import { describe, expect, test } from '@jest/globals';
import type { PredictionTaskSchema } from '#contracts/predictions';
import { predictionsInFiles, taskSchemaInFile } from '#platform/given-facts/file-predictions';
import { lightlyFolder } from '../support/lightly-folder.ts';

const CARS: PredictionTaskSchema = {
  name: 'cars',
  type: 'OBJECT_DETECTION',
  categories: [
    { id: 3, name: 'car' },
    { id: 7, name: 'bus' },
  ],
};
const CAR = { category_id: 3, score: 0.5, bbox: [1, 2, 3, 4] };
const FOUND = { type: 'OBJECT_DETECTION', taskName: 'cars', categoryId: 3, score: 0.5, bbox: [1, 2, 3, 4] };

/** What the files say of images, and what the log says of the files. */
async function read(files: Record<string, unknown>, images: readonly string[], task = CARS) {
  const folder = lightlyFolder(
    Object.fromEntries(
      Object.entries(files).map(([name, file]) => [`predictions/${task.name}/${name}`, file]),
    ),
  );
  const { predictions, warnings } = await predictionsInFiles(folder.objects, task, images);
  return { predictions: Object.fromEntries(predictions), warnings, requests: folder.requests };
}

describe('prediction files', () => {
  test('are those of the images of the run, by the path without extension', async () => {
    const { predictions, requests } = await read(
      {
        'schema.json': { task_type: 'object-detection', categories: [] },
        'a.json': { predictions: [CAR] },
        'sub/b.json': { file_name: 'sub/b.png', predictions: [] },
        'clip-0001-mp4.json': { predictions: [CAR, CAR] },
        'of another image.json': { predictions: [CAR] },
      },
      ['a.jpg', 'sub/b.png', 'c.jpg', 'clip-0001-mp4.png'],
    );
    expect(predictions).toEqual({ 'a.jpg': [FOUND], 'sub/b.png': [], 'clip-0001-mp4.png': [FOUND, FOUND] });
    expect(requests.opened).toHaveLength(3);
  });

  test('are about both of two images that differ in the extension, unless they name one', async () => {
    const { predictions, warnings } = await read(
      { 'a.json': { predictions: [CAR] }, 'b.json': { file_name: 'b.png', predictions: [CAR] } },
      ['a.jpg', 'a.png', 'b.jpg', 'b.png'],
    );
    expect(Object.keys(predictions)).toEqual(['a.jpg', 'a.png', 'b.png']);
    expect(warnings).toEqual([]);
  });

  test('about another image than the one of the run are left out, and are no fault', async () => {
    const { predictions, warnings } = await read({ 'a.json': { file_name: 'a.png', predictions: [CAR] } }, [
      'a.jpg',
    ]);
    expect(predictions).toEqual({});
    expect(warnings).toEqual(["Skipped .lightly/predictions/cars/a.json: its file_name is 'a.png'."]);
  });

  test('may leave the score to the probabilities, and have notes of their own', async () => {
    const car = { category_id: 7, bbox: [0, 0, 1, 1], probabilities: [0.2, 0.8], id: 12, note: 'x' };
    const { predictions } = await read({ 'a.json': { predictions: [car], version: 2 } }, ['a.jpg']);
    expect(predictions['a.jpg']).toEqual([
      {
        type: 'OBJECT_DETECTION',
        taskName: 'cars',
        categoryId: 7,
        score: 0.8,
        probabilities: [0.2, 0.8],
        bbox: [0, 0, 1, 1],
      },
    ]);
  });

  test.each<[string, unknown, RegExp]>([
    ['no JSON', '{"predictions": [', /not JSON/],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00]), /not JSON in UTF-8/],
    ['an empty file', '', /not JSON/],
    ['a list', [CAR], /\(whole\)/],
    ['no predictions', {}, /predictions/],
    [
      'an unknown category',
      { predictions: [CAR, { ...CAR, category_id: 4 }] },
      /predictions.1: category_id 4/,
    ],
    ['a category by name', { predictions: [{ ...CAR, category_id: 'car' }] }, /predictions.0.category_id/],
    [
      'a negative box',
      { predictions: [{ ...CAR, bbox: [0, 0, -3, 4] }] },
      /predictions.0.bbox: expected x, y, width and height/,
    ],
    ['a box of three numbers', { predictions: [{ ...CAR, bbox: [0, 0, 3] }] }, /bbox/],
    ['no box', { predictions: [{ category_id: 3, score: 1 }] }, /there is no bbox/],
    ['a score above 1', { predictions: [{ ...CAR, score: 1.5 }] }, /score/],
    [
      'no score',
      { predictions: [{ category_id: 3, bbox: [0, 0, 1, 1] }] },
      /neither a score nor probabilities/,
    ],
    [
      'too few probabilities',
      { predictions: [{ ...CAR, probabilities: [1] }] },
      /1 probabilities.*2 categories/,
    ],
    [
      'a number that overflows',
      '{"predictions":[{"category_id":3,"score":0.5,"bbox":[0,0,1e999,1]}]}',
      /bbox/,
    ],
    [
      'more levels than a stack has',
      `{"predictions":${'['.repeat(500_000)}${']'.repeat(500_000)}}`,
      /Skipped/,
    ],
    ['nine megabytes', `{"predictions":[],"x":"${'x'.repeat(9_000_000)}"}`, /longer than/],
  ])('with %s are skipped, and the log names file and fault', async (_, file, reason) => {
    const { predictions, warnings } = await read({ 'bad.json': file, 'good.json': { predictions: [CAR] } }, [
      'bad.jpg',
      'good.jpg',
    ]);
    expect(predictions).toEqual({ 'good.jpg': [FOUND] });
    expect(warnings).toEqual([expect.stringMatching(reason)]);
    expect(warnings[0]).toContain('.lightly/predictions/cars/bad.json');
  });

  test('that are all invalid end the run', async () => {
    const bad = { predictions: [{ ...CAR, score: -1 }] };
    await expect(read({ 'a.json': bad, 'b.json': bad }, ['a.jpg', 'b.jpg', 'c.jpg'])).rejects.toThrow(
      /None of the 2 prediction files of task 'cars'.*Skipped .*predictions.0.score/,
    );
  });

  test('that are invalid by the thousand do not fill the log', async () => {
    const names = Array.from({ length: 1_500 }, (_, at) => `image ${at}`);
    const files = Object.fromEntries(
      names.map((name, at) => [`${name}.json`, at === 3 ? { predictions: [] } : 'x']),
    );
    const { warnings } = await read(
      files,
      names.map((name) => `${name}.jpg`),
    );
    expect(warnings).toHaveLength(21);
    expect(warnings.at(-1)).toBe(
      "Skipped 1479 more of the prediction files of task 'cars' for such reasons.",
    );
  });

  test.each<[string, PredictionTaskSchema['type'], object, object]>([
    ['classifications', 'CLASSIFICATION', {}, {}],
    ['segmentations', 'SEMANTIC_SEGMENTATION', { segmentation: [3, 4] }, { segmentation: [3, 4] }],
    [
      'segmented instances',
      'INSTANCE_SEGMENTATION',
      { segmentation: [3, 4], bbox: [0, 0, 2, 2] },
      { segmentation: [3, 4], bbox: [0, 0, 2, 2] },
    ],
    ['keypoints', 'KEYPOINT_DETECTION', { keypoints: [1, 2, 0.5] }, { keypoints: [1, 2, 0.5] }],
  ])('of %s', async (_, type, shape, kept) => {
    const task = { ...CARS, type } as PredictionTaskSchema;
    const files = {
      'a.json': { predictions: [{ category_id: 3, score: 1, ...shape }] },
      'b.json': { predictions: [] },
    };
    const { predictions, warnings } = await read(files, ['a.jpg', 'b.jpg'], task);
    expect(warnings).toEqual([]);
    expect(predictions['a.jpg']).toEqual([{ type, taskName: 'cars', categoryId: 3, score: 1, ...kept }]);
  });
});

describe('the schema of a task', () => {
  const schemaIn = (schema: unknown) =>
    taskSchemaInFile(lightlyFolder({ 'predictions/cars/schema.json': schema }).objects, 'cars');

  test('has its type and its categories in their order', async () => {
    const categories = [
      { id: 7, name: 'bus', keypoint_names: ['wheel'], keypoint_skeleton: [[0, 0]], supercategory: 'x' },
      { id: 3, name: 'car' },
    ];
    expect(await schemaIn({ task_type: 'keypoint-detection', categories })).toEqual({
      name: 'cars',
      type: 'KEYPOINT_DETECTION',
      categories: [
        { id: 7, name: 'bus', keypointNames: ['wheel'], keypointSkeleton: [[0, 0]] },
        { id: 3, name: 'car' },
      ],
    });
  });

  test('may be missing', async () => {
    expect(await taskSchemaInFile(lightlyFolder({}).objects, 'cars')).toBeUndefined();
  });

  test.each<[string, unknown, RegExp]>([
    ['another type', { task_type: 'guessing', categories: [{ id: 0, name: 'a' }] }, /task_type/],
    ['no category', { task_type: 'classification', categories: [] }, /categories/],
    [
      'the same id twice',
      {
        task_type: 'classification',
        categories: [
          { id: 0, name: 'a' },
          { id: 0, name: 'b' },
        ],
      },
      /same id/,
    ],
    [
      'the same name twice',
      {
        task_type: 'classification',
        categories: [
          { id: 0, name: 'a' },
          { id: 1, name: 'a' },
        ],
      },
      /same name/,
    ],
    ['no JSON', 'task_type: classification', /not JSON/],
  ])('with %s is refused by its file', async (_, schema, reason) => {
    await expect(schemaIn(schema)).rejects.toThrow(reason);
    await expect(schemaIn(schema)).rejects.toThrow('.lightly/predictions/cars/schema.json');
  });
});
