import pLimit from 'p-limit';
import { analyseImage } from '#imaging/analyse-image';
import { classicalEmbedding } from '#imaging/classical-embedding';
import { blockOtherDecoders } from '#imaging/configured-sharp';
import type { IngestDeps } from './ingest-deps.ts';

/**
 * Analyses images of strangers: this process decodes the accepted formats only from now on, and one image at a time,
 * whose pixels take most of its memory.
 */
export function imageAnalyser(): IngestDeps['analyse'] {
  blockOtherDecoders();
  const decoder = pLimit(1);
  return (bytes, limits) => decoder(() => analyseImage(bytes, limits, classicalEmbedding));
}
