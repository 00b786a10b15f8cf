import type { PredictionSingleton } from '#contracts/predictions';
import type { ObjectId } from '#contracts/schema';
import type { PredictionStore } from './predictions.ts';

export interface PredictionsQuery {
  readonly datasetId: ObjectId;
  /** Samples by index from here (inclusive) … */
  readonly from: number;
  /** … to here (exclusive). */
  readonly to: number;
  /** Only what this task predicts. */
  readonly taskName?: string | undefined;
  /** Without the parts of a prediction that may be long. */
  readonly lean: boolean;
}

/**
 * A list for each sample, by index, with all that is predicted for it. A prediction does not name its sample, so a
 * sample without any has an empty list: the position tells which sample it is.
 */
export async function* listPredictions(
  { datasetId, from, to, taskName, lean }: PredictionsQuery,
  predictions: Pick<PredictionStore, 'range'>,
): AsyncGenerator<PredictionSingleton[]> {
  let next = from;
  let ofSample: PredictionSingleton[] = [];
  for await (const { index, singletons } of predictions.range(datasetId, from, to, taskName)) {
    while (next < index) {
      yield ofSample;
      ofSample = [];
      next += 1;
    }
    ofSample.push(...(lean ? singletons.map(withoutHeavyParts) : singletons));
  }
  while (next < to) {
    yield ofSample;
    ofSample = [];
    next += 1;
  }
}

/** The protocol requires `segmentation` and `keypoints`, so those are shortened and not left out. */
function withoutHeavyParts(singleton: PredictionSingleton): PredictionSingleton {
  const { probabilities: _, ...lean } = singleton;
  return 'segmentation' in lean ? { ...lean, segmentation: [] } : lean;
}
