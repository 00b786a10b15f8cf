import pLimit from 'p-limit';
import { modelNameOf } from '#contracts/embedding-models';
import { analyseImage } from '#imaging/analyse-image';
import { blockOtherDecoders } from '#imaging/configured-sharp';
import type { FindEmbeddingModel } from '#worker/embedding-models';
import type { IngestDeps } from './ingest-deps.ts';

/**
 * Analyses images of strangers: this process decodes the accepted formats only from now on, and one image at a time,
 * whose pixels take most of its memory.
 */
export function imageAnalyser(findModel: FindEmbeddingModel): IngestDeps['analyse'] {
  blockOtherDecoders();
  const decoder = pLimit(1);
  return async (bytes, settings) => {
    const model = await findModel(modelNameOf(settings.embeddingModel));
    return decoder(() => analyseImage(bytes, settings, model));
  };
}
