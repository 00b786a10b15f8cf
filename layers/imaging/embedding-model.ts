import type { DecodedImage } from './rgb-pixels.ts';

/**
 * Turns an image into a vector. The same pixels must always give the same vector, of `dimension` values and of
 * length 1, so that vectors of one model compare by Euclidean distance (0 to 2).
 */
export interface EmbeddingModel {
  /** Name and version, kept beside each vector; vectors of different models never compare. */
  readonly name: string;
  readonly dimension: number;
  embed(image: DecodedImage): Promise<Float32Array> | Float32Array;
}
