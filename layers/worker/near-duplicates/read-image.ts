import type { KnownImage } from '#selection/near-duplicates/compared-image';

/** An image that an earlier run has read and not chosen. */
export interface ReadImage extends KnownImage {
  readonly embeddingModel: string;
  /** ms; when it was registered. */
  readonly registeredAt: number;
}
