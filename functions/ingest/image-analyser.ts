import { analyseImage } from '#imaging/analyse-image';
import { classicalEmbedding } from '#imaging/classical-embedding';
import { blockOtherDecoders } from '#imaging/configured-sharp';
import type { IngestDeps } from './ingest-deps.ts';

/** Analyses images of strangers: this process decodes the accepted formats only from now on. */
export function imageAnalyser(): IngestDeps['analyse'] {
  blockOtherDecoders();
  return (bytes, limits) => analyseImage(bytes, limits, classicalEmbedding);
}
