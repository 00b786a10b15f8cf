import type { Artifact } from '#contracts/items';

/** A file that a run leaves behind. */
export interface ArtifactFile {
  readonly type: Artifact['type'];
  readonly fileName: string;
  readonly contentType: string;
  /** Lines, or other parts, where the whole may be too much to hold. */
  readonly content: string | Uint8Array | Iterable<string>;
}

export const TEXT_CONTENT_TYPE = 'text/plain; charset=utf-8';
export const JSON_CONTENT_TYPE = 'application/json';
