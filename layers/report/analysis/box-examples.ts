import type { PredictionSingleton } from '#contracts/predictions';
import type { DetectionFramePrediction } from '#contracts/report-v2';
import type { AnalysedImage } from './analysed-image.ts';

const MOST_IMAGES = 6;
const MOST_BOXES = 20;

/** The boxes of the first selected images that have any, the surest ones first. */
export function boxExamples(
  selected: readonly AnalysedImage[],
  found: (image: AnalysedImage) => readonly PredictionSingleton[],
): DetectionFramePrediction[] {
  const examples: DetectionFramePrediction[] = [];
  for (const image of selected) {
    if (examples.length === MOST_IMAGES) break;
    const boxes = found(image).flatMap((singleton) => boxOf(singleton) ?? []);
    if (boxes.length === 0) continue;
    const predictions = boxes.sort((a, b) => b.score - a.score).slice(0, MOST_BOXES);
    examples.push({ filename: image.fileName, predictions });
  }
  return examples;
}

function boxOf(singleton: PredictionSingleton): DetectionFramePrediction['predictions'][number] | undefined {
  if (!('bbox' in singleton) || singleton.bbox === undefined) return undefined;
  const { categoryId, score, bbox, probabilities } = singleton;
  // The protocol wants an epsilon, which nothing here has.
  return { categoryId, bbox, score, ...(probabilities && { probabilities }), epsilon: 0 };
}
