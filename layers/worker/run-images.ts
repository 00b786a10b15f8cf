import { DatasourceError } from '#contracts/errors';
import type { EmbeddingModel } from '#imaging/embedding-model';
import type { ImageReference as PlacedImage } from '#platform/datasources/dataset-images';

/** Names the bytes of an image as they were registered. */
export type ImageReference = PlacedImage & { readonly fileName: string };

/** The images themselves, for what a run has to look at them again for: object crops and training. */
export interface RunImages {
  /**
   * Undefined where it is not there any more, or another one is in its place.
   * @throws UnreadableImageError
   */
  read(image: ImageReference): Promise<Uint8Array | undefined>;
  /** The embedding model of that name. @throws InvalidInputError where this worker does not have it */
  model(name: string): Promise<EmbeddingModel>;
}

/** The INPUT datasource refuses an image: what is to be done about that, and which image shows whether it is done. */
export class UnreadableImageError extends DatasourceError {
  readonly fileName: string;

  constructor(fileName: string, { message, problem }: DatasourceError, options?: ErrorOptions) {
    super(message, problem, options);
    this.fileName = fileName;
  }
}

/** What reading an image comes to. @throws UnreadableImageError in place of a DatasourceError */
export async function ofImage<T>(
  { fileName }: Pick<ImageReference, 'fileName'>,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DatasourceError) throw new UnreadableImageError(fileName, error, { cause: error });
    throw error;
  }
}
