import type { DecodedImage } from './rgb-pixels.ts';

/**
 * Turns an image into a vector. The same pixels must always give the same vector, of `dimension` values. It has length 1,
 * so that two are 0 to 2 apart (Euclidean), unless the description of a learned model says that its output is not normalised.
 */
export interface EmbeddingModel {
  /** Name and version, kept beside each vector; vectors of different models never compare. */
  readonly name: string;
  readonly dimension: number;
  embed(image: DecodedImage): Promise<Float32Array> | Float32Array;
}
