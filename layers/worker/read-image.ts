import type { KnownImage } from '#selection/near-duplicates/group-near-duplicates';

/** An image that an earlier run has read and not chosen. */
export interface ReadImage extends KnownImage {
  /** Lower-case hex SHA-256 of the bytes. */
  readonly sha256: string;
  readonly embeddingModel: string;
}
