import type { NearDuplicateGroup } from '#contracts/near-duplicates';

export interface ComparedImage {
  readonly fileName: string;
  /** All of one model. */
  readonly embedding: Float32Array;
  /** 16 hex characters. */
  readonly perceptualHash: string;
}

/** An image that an earlier run has read. */
export interface KnownImage extends ComparedImage {
  readonly group?: NearDuplicateGroup | undefined;
}

/** Images are nearly the same where both hold. */
export interface NearDuplicateLimits {
  /** Euclidean distance of the embeddings. */
  readonly maxDistance: number;
  /** Bits in which the perceptual hashes differ; 64 is any. */
  readonly maxHashDistance: number;
}
