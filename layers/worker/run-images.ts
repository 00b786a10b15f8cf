import type { RawSample } from '#contracts/items';
import type { EmbeddingModel } from '#imaging/embedding-model';

/** Names the bytes of an image as they were registered. */
export type ImageReference = Pick<RawSample, 'fileName' | 'bucket' | 'key' | 'versionId'> & {
  readonly eTag?: string | undefined;
};

/** The images themselves, for what a run has to look at them again for: object crops and training. */
export interface RunImages {
  /** Undefined where it is not there any more, or another one is in its place. */
  read(image: ImageReference): Promise<Uint8Array | undefined>;
  /** The embedding model of that name. @throws InvalidInputError where this worker does not have it */
  model(name: string): Promise<EmbeddingModel>;
}
