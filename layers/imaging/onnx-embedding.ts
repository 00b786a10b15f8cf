import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { type EmbeddingModelDescription, referenceOf } from '#contracts/embedding-models';
import { InvalidInputError } from '#contracts/errors';
import type { EmbeddingModel } from './embedding-model.ts';
import { modelInput } from './model-input.ts';
import { oneLine } from './read-header.ts';
import type { DecodedImage } from './rgb-pixels.ts';

/**
 * A learned model as an {@link EmbeddingModel}. What the file says of itself is compared with its description; it is
 * read from memory, so it can't refer to other files.
 *
 * @throws InvalidInputError where the file is no model, or another one than is described, naming the field
 */
export async function openOnnxModel(
  file: Uint8Array,
  description: EmbeddingModelDescription,
): Promise<EmbeddingModel> {
  // Loaded only where a dataset asks for such a model: the runtime is a native package of 25 MB.
  const runtime = await import('onnxruntime-node');
  const name = referenceOf(description);
  const session = await runtime.InferenceSession.create(file, SESSION_OPTIONS).catch((cause: Error) => {
    throw new InvalidInputError(`Model '${name}': the file can't be loaded: ${oneLine(cause)}`, { cause });
  });
  checkInput(session, description);
  const dims = outputDims(session, description);
  return {
    name,
    dimension: description.output.dimension,
    embed: (image) => embed(image, { session, description, dims, Tensor: runtime.Tensor }),
  };
}

/** One image at a time in each process, which has about one processor. */
const SESSION_OPTIONS = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  logSeverityLevel: 3,
} as const satisfies InferenceSession.SessionOptions;

interface OpenedModel {
  readonly session: InferenceSession;
  readonly description: EmbeddingModelDescription;
  readonly dims: readonly number[];
  readonly Tensor: typeof Tensor;
}

async function embed(
  image: DecodedImage,
  { session, description, dims, Tensor }: OpenedModel,
): Promise<Float32Array> {
  const { input, output } = description;
  const pixels = new Tensor('float32', await modelInput(image, input), inputDims(description));
  // Where the result goes is given, so that an output of another size is an error.
  const values = new Float32Array(dims.reduce((product, size) => product * size, 1));
  const result = new Tensor('float32', values, dims);
  await session.run({ [input.name]: pixels }, { [output.name]: result }).catch((cause: Error) => {
    throw new InvalidInputError(`Model '${referenceOf(description)}' fails: ${oneLine(cause)}`, { cause });
  });
  return vectorFrom(values, description);
}

function vectorFrom(values: Float32Array, description: EmbeddingModelDescription): Float32Array {
  const { dimension, normalise } = description.output;
  const vector = values.slice(0, dimension);
  if (!vector.every(Number.isFinite)) {
    throw new InvalidInputError(`Model '${referenceOf(description)}' gives values that are not finite.`);
  }
  const length = Math.hypot(...vector);
  return normalise && length > 0 ? vector.map((value) => value / length) : vector;
}

function inputDims({ input: { layout, width, height } }: EmbeddingModelDescription): number[] {
  return layout === 'NCHW' ? [1, 3, height, width] : [1, height, width, 3];
}

function checkInput(session: InferenceSession, description: EmbeddingModelDescription): void {
  const { input } = description;
  const names = session.inputNames.join("', '");
  if (session.inputNames.length !== 1 || names !== input.name) {
    throw mismatch(description, 'input.name', `the model's inputs are '${names}'; it must have one`);
  }
  const shape = shapeOf(session.inputMetadata[0], description, 'input');
  const wanted = inputDims(description);
  const fits = shape.length === 4 && shape.every((size, axis) => size === undefined || size === wanted[axis]);
  if (!fits) {
    throw mismatch(description, 'input', `the model takes [${textOf(shape)}], not [${wanted}]`);
  }
}

/** The size of the output for one picture. The vector is all of it, or the first of several rows. */
function outputDims(session: InferenceSession, description: EmbeddingModelDescription): number[] {
  const { name, dimension } = description.output;
  const metadata = session.outputMetadata.find((each) => each.name === name);
  if (!metadata) {
    const names = session.outputNames.join("', '");
    throw mismatch(description, 'output.name', `the model's outputs are '${names}'`);
  }
  const [batch = 1, ...others] = shapeOf(metadata, description, 'output');
  const sizes = others.filter((size) => size !== undefined);
  if (sizes.length < others.length) {
    const advice = 'choose an output of fixed size, or export the model with fixed sizes';
    throw mismatch(
      description,
      'output.name',
      `its size [${textOf([batch, ...others])}] is not fixed; ${advice}`,
    );
  }
  const all = sizes.reduce((product, size) => product * size, 1);
  const isVector = all === dimension || (sizes.length === 2 && sizes[1] === dimension);
  if (batch !== 1 || !isVector || all > MOST_OUTPUT_VALUES) {
    throw mismatch(description, 'output.dimension', `the model gives [${textOf([batch, ...sizes])}]`);
  }
  return [batch, ...sizes];
}

/** 4,096 tokens of 4,096 values are 64 MB. */
const MOST_OUTPUT_VALUES = 4_096 * 4_096;

type Shape = readonly (number | undefined)[];

/** Sizes that the file leaves open are undefined. */
function shapeOf(
  metadata: InferenceSession.ValueMetadata | undefined,
  description: EmbeddingModelDescription,
  side: 'input' | 'output',
): Shape {
  if (!metadata?.isTensor || metadata.type !== 'float32') {
    const type = metadata?.isTensor ? metadata.type : 'no tensor';
    throw mismatch(description, `${side}.name`, `expected 32-bit floats, but the model has ${type}`);
  }
  return metadata.shape.map((size) => (typeof size === 'number' && size > 0 ? size : undefined));
}

const textOf = (shape: Shape): string => shape.map((size) => size ?? '?').join(', ');

const mismatch = (description: EmbeddingModelDescription, field: string, reason: string) =>
  new InvalidInputError(
    `Model '${referenceOf(description)}' does not fit its description. ${field}: ${reason}`,
  );
