import { BUILT_IN_MODEL } from '#contracts/embedding-models';
import { type ImageFacts, imageFacts } from '#contracts/image-facts';

/** Valid facts of an image that nobody drew, for tests of what becomes of facts. */
export function factsOf({
  width,
  height,
  ...rest
}: Partial<ImageFacts> & { width: number; height: number }): ImageFacts {
  return imageFacts.parse({
    format: 'jpeg',
    width,
    height,
    metadata: {
      mean: [0.25, 0.5, 0.75],
      std: [0.125, 0.25, 0.0625],
      sumOfValues: [100, 200, 300],
      sumOfSquares: [50, 150, 250],
      snr: 2.5,
      sharpness: 21.75,
      sizeInBytes: 123_456,
      shape: [height, width, 3],
      luminance: 61.5,
      uniformRowRatio: 0.03125,
    },
    exif: {},
    sha256: 'ab'.repeat(32),
    perceptualHash: '0123456789abcdef',
    embeddingModel: BUILT_IN_MODEL,
    embedding: Float32Array.of(0.6, 0.8),
    ...rest,
  });
}
