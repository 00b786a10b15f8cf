import { onnx } from 'onnx-proto';

const FLOAT = onnx.TensorProto.DataType.FLOAT;

/** A matrix in the model: `rows[i][j]`. */
type Matrix = readonly (readonly number[])[];

export interface TinyModel {
  /** Of the input, for example [1, 3, 2, 2]; 0 for any. */
  readonly inputShape: readonly number[];
  /** The flattened input times this is the output: one row for each value of the input. */
  readonly weights: Matrix;
  readonly inputName?: string;
  readonly outputName?: string;
}

/** The bytes of an ONNX model that flattens its input and multiplies it by a matrix. */
export function tinyOnnxModel({
  inputShape,
  weights,
  inputName = 'pixels',
  outputName = 'vector',
}: TinyModel): Uint8Array {
  const [rows, columns] = [weights.length, weights[0]?.length ?? 0];
  const graph = {
    name: 'tiny',
    node: [
      { opType: 'Flatten', input: [inputName], output: ['flat'] },
      { opType: 'MatMul', input: ['flat', 'weights'], output: [outputName] },
    ],
    initializer: [{ name: 'weights', dataType: FLOAT, dims: [rows, columns], floatData: weights.flat() }],
    input: [valueInfo(inputName, inputShape)],
    output: [valueInfo(outputName, [inputShape[0] ?? 1, columns])],
  };
  const model = { irVersion: 8, opsetImport: [{ domain: '', version: 13 }], graph };
  return onnx.ModelProto.encode(onnx.ModelProto.fromObject(model)).finish();
}

const valueInfo = (name: string, shape: readonly number[]) => ({
  name,
  type: {
    tensorType: {
      elemType: FLOAT,
      shape: { dim: shape.map((size) => (size === 0 ? { dimParam: 'batch' } : { dimValue: size })) },
    },
  },
});
