import '../support/process-float32-array.ts';
import { describe, expect, test } from '@jest/globals';
import { type EmbeddingModelDescription, embeddingModelDescription } from '#contracts/embedding-models';
import { InvalidInputError } from '#contracts/errors';
import type { EmbeddingModel } from '#imaging/embedding-model';
import { modelInput } from '#imaging/model-input';
import { openOnnxModel } from '#imaging/onnx-embedding';
import type { DecodedImage, Orientation } from '#imaging/rgb-pixels';
import { drawn } from '../support/analysed-images.ts';
import { tinyOnnxModel } from '../support/tiny-onnx-model.ts';

interface Described {
  readonly input?: object;
  readonly output?: object;
}
/** The description of a model of 2 × 2 pixels and two values. */
const described = ({ input, output }: Described = {}): EmbeddingModelDescription =>
  embeddingModelDescription.parse({
    ...{ name: 'tiny', version: '1' },
    input: { name: 'pixels', width: 2, height: 2, resize: 'squash', ...input },
    output: { name: 'vector', dimension: 2, normalise: false, ...output },
  });

const decoded = (
  width: number,
  height: number,
  colour: Parameters<typeof drawn>[2],
  orientation: Orientation = 1,
): DecodedImage => {
  const image = drawn(width, height, colour);
  return { ...image, orientation, preview: image };
};

/** Red tells the pixel: 10, 20 above, 30, 40 below; green is 100 more, blue 200 more. */
const fourPixels = decoded(2, 2, (x, y) => {
  const level = 10 + x * 10 + y * 20;
  return [level, level + 100, level + 200];
});

const inputOf = async (image: DecodedImage, input: object): Promise<number[]> =>
  Array.from(await modelInput(image, described({ input }).input));

describe('the input of a model', () => {
  test.each([
    ['NCHW', 'RGB', [10, 20, 30, 40, 110, 120, 130, 140, 210, 220, 230, 240]],
    ['NCHW', 'BGR', [210, 220, 230, 240, 110, 120, 130, 140, 10, 20, 30, 40]],
    ['NHWC', 'RGB', [10, 110, 210, 20, 120, 220, 30, 130, 230, 40, 140, 240]],
    ['NHWC', 'BGR', [210, 110, 10, 220, 120, 20, 230, 130, 30, 240, 140, 40]],
  ])('%s of %s', async (layout, channels, expected) => {
    expect(await inputOf(fourPixels, { layout, channels, scale: 1 })).toEqual(expected);
  });

  test('is (level × scale - mean) / std of each channel', async () => {
    const grey = decoded(2, 2, () => [51, 102, 204]);
    const values = await inputOf(grey, { mean: [0.1, 0.2, 0.3], std: [0.5, 0.25, 0.125] });
    // 51, 102 and 204 of 255 are 0.2, 0.4 and 0.8.
    for (const [channel, expected] of [0.2, 0.8, 4].entries()) {
      for (let point = 0; point < 4; point++) expect(values[channel * 4 + point]).toBeCloseTo(expected, 5);
    }
  });

  test('is of the upright image', async () => {
    const turned = { ...fourPixels, orientation: 6 as const };
    // Orientation 6: the first stored row is the right column.
    expect((await inputOf(turned, { scale: 1 })).slice(0, 4)).toEqual([30, 10, 40, 20]);
  });

  // 4 × 2 pixels in columns of 0, 80, 160, 240, looked at as 2 × 2.
  const wide = decoded(4, 2, (x) => [x * 80, 0, 0]);
  test('crop cuts off both sides alike', async () => {
    expect((await inputOf(wide, { resize: 'crop', scale: 1 })).slice(0, 4)).toEqual([80, 160, 80, 160]);
  });

  test('pad shows all of it between bars of the padding', async () => {
    const square = await inputOf(wide, { width: 4, height: 4, resize: 'pad', padding: 7, scale: 1 });
    expect([square.slice(0, 4), square.slice(4, 8), square.slice(8, 12), square.slice(12, 16)]).toEqual([
      ...[
        [7, 7, 7, 7],
        [0, 80, 160, 240],
      ],
      ...[
        [0, 80, 160, 240],
        [7, 7, 7, 7],
      ],
    ]);
  });

  test('squash narrows it', async () => {
    const [left = 0, right = 0] = await inputOf(wide, { scale: 1 });
    expect(left).toBeGreaterThan(20);
    expect(left).toBeLessThan(80);
    expect(right).toBe(240 - left);
  });

  test('cropFrom leaves out what is near the border', async () => {
    const large = decoded(4, 4, (x, y) =>
      x === 0 || y === 0 || x === 3 || y === 3 ? [255, 0, 0] : [9, 0, 0],
    );
    const values = await inputOf(large, { resize: 'crop', cropFrom: 2, scale: 1 });
    expect(values.slice(0, 4)).toEqual([9, 9, 9, 9]);
  });
});

const INPUT_SHAPE = [1, 3, 2, 2];
/** The first value is that of the first pixel's red, the second that of the last pixel's blue. */
const FIRST_AND_LAST = Array.from({ length: 12 }, (_, row) => [row === 0 ? 1 : 0, row === 11 ? 1 : 0]);
const tiny = tinyOnnxModel({ inputShape: INPUT_SHAPE, weights: FIRST_AND_LAST });
const vectorOf = async (model: EmbeddingModel, image: DecodedImage): Promise<number[]> =>
  Array.from(await model.embed(image));

describe('a learned model', () => {
  test('gives what it computes from the input', async () => {
    const model = await openOnnxModel(tiny, described({ input: { scale: 1 } }));
    expect([model.name, model.dimension]).toEqual(['tiny/1', 2]);
    expect(await vectorOf(model, fourPixels)).toEqual([10, 240]);
  });

  test('gives vectors of length 1 unless its description says otherwise', async () => {
    const model = await openOnnxModel(tiny, described({ output: { normalise: true } }));
    const [first, second] = await vectorOf(
      model,
      decoded(2, 2, () => [30, 0, 40]),
    );
    expect(first).toBeCloseTo(0.6, 6);
    expect(second).toBeCloseTo(0.8, 6);
    expect(
      await vectorOf(
        model,
        decoded(2, 2, () => [0, 0, 0]),
      ),
    ).toEqual([0, 0]);
  });

  test('takes a batch size that the file leaves open for one', async () => {
    const open = tinyOnnxModel({ inputShape: [0, 3, 2, 2], weights: FIRST_AND_LAST });
    const model = await openOnnxModel(open, described({ input: { scale: 1 } }));
    expect(await vectorOf(model, fourPixels)).toEqual([10, 240]);
  });

  const infinite = tinyOnnxModel({
    inputShape: INPUT_SHAPE,
    weights: FIRST_AND_LAST.map(() => [3e38, 3e38]),
  });
  test('whose values are not finite is refused with the first image', async () => {
    const model = await openOnnxModel(infinite, described({ input: { scale: 1 } }));
    await expect(vectorOf(model, fourPixels)).rejects.toThrow(
      "Model 'tiny/1' gives values that are not finite.",
    );
  });

  test.each([
    ['input.name', { input: { name: 'image' } }, "the model's inputs are 'pixels'; it must have one"],
    ['input', { input: { width: 3 } }, 'the model takes [1, 3, 2, 2], not [1,3,2,3]'],
    ['input', { input: { layout: 'NHWC' } }, 'the model takes [1, 3, 2, 2], not [1,2,2,3]'],
    ['output.name', { output: { name: 'logits' } }, "the model's outputs are 'vector'"],
    ['output.dimension', { output: { dimension: 3 } }, 'the model gives [1, 2]'],
  ])('that does not fit its description is refused: %s %j', async (field, change, reason) => {
    const opened = openOnnxModel(tiny, described(change));
    await expect(opened).rejects.toBeInstanceOf(InvalidInputError);
    await expect(opened).rejects.toThrow(`Model 'tiny/1' does not fit its description. ${field}: ${reason}`);
  });

  test.each([
    ['no model', Buffer.from('<html>not found</html>')],
    ['cut off', tiny.subarray(0, tiny.length - 20)],
    ['empty', new Uint8Array(0)],
  ])('whose file is %s is refused', async (_, file) => {
    await expect(openOnnxModel(file, described())).rejects.toThrow(
      "Model 'tiny/1': the file can't be loaded",
    );
  });
});

describe('the description of a model', () => {
  const valid = described();
  test.each([
    ['name', { ...valid, name: '../../etc' }],
    ['version', { ...valid, version: 'v 1' }],
    ['input.width', { ...valid, input: { ...valid.input, width: 5_000 } }],
    ['input.std.1', { ...valid, input: { ...valid.input, std: [1, 0, 1] } }],
    ['input.mean', { ...valid, input: { ...valid.input, mean: [0.5] } }],
    ['output.dimension', { ...valid, output: { ...valid.output, dimension: 100_000 } }],
    ['', { ...valid, preprocessing: 'none' }],
  ])('with a wrong %j is refused there', (path, wrong) => {
    const paths = embeddingModelDescription
      .safeParse(wrong)
      .error?.issues.map((issue) => issue.path.join('.'));
    expect(paths).toContain(path);
  });
});
