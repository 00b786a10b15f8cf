import type { PredictionSingleton, PredictionTaskSchema } from '#contracts/predictions';
import { CLASS_UNCERTAINTIES, type ClassUncertainty, classUncertainty } from './class-uncertainty.ts';
import { objectFrequencies } from './object-frequency.ts';

type Predictions = readonly PredictionSingleton[];
type ScoresOfImages = Map<string, number>;

const OBJECT_FREQUENCY = 'object_frequency';
const OBJECTNESS = 'objectness_least_confidence';
const KEYPOINTS = 'mean_uncertainty';

/**
 * The active-learning scores of images by what a task predicts for them: docs/given-facts.md has the formulas. An image
 * without an entry gets no score; one with an empty list was looked at and has no objects.
 *
 * @param predictions by file name; all of them together, for `object_frequency` compares them
 * @returns by name of the score, then by file name
 */
export function scoresOf(
  { type, categories }: Pick<PredictionTaskSchema, 'type' | 'categories'>,
  predictions: ReadonlyMap<string, Predictions>,
): Map<string, ScoresOfImages> {
  const classes = categories.length;
  switch (type) {
    case 'CLASSIFICATION':
      return uncertainties(predictions, (ofImage) => mostUncertain(ofImage, classes));
    case 'SEMANTIC_SEGMENTATION':
      return uncertainties(predictions, (ofImage) => meanOverPixels(ofImage, classes));
    case 'OBJECT_DETECTION':
    case 'INSTANCE_SEGMENTATION':
      return new Map([
        [OBJECT_FREQUENCY, frequencies(predictions)],
        [OBJECTNESS, ofEach(predictions, objectness)],
        ...uncertainties(predictions, (ofImage) => mostUncertain(ofImage, classes)),
      ]);
    case 'KEYPOINT_DETECTION':
      return new Map([[KEYPOINTS, ofEach(predictions, keypointUncertainty)]]);
    default:
      return type satisfies never;
  }
}

const ofEach = (
  predictions: ReadonlyMap<string, Predictions>,
  scoreOf: (ofImage: Predictions) => number,
): ScoresOfImages => new Map([...predictions].map(([fileName, ofImage]) => [fileName, scoreOf(ofImage)]));

function uncertainties(
  predictions: ReadonlyMap<string, Predictions>,
  uncertaintyOf: (ofImage: Predictions) => ClassUncertainty,
): Map<string, ScoresOfImages> {
  const scores = new Map<string, ScoresOfImages>(CLASS_UNCERTAINTIES.map((name) => [name, new Map()]));
  for (const [fileName, ofImage] of predictions) {
    const uncertainty = uncertaintyOf(ofImage);
    for (const name of CLASS_UNCERTAINTIES) scores.get(name)?.set(fileName, uncertainty[name]);
  }
  return scores;
}

const NO_UNCERTAINTY: ClassUncertainty = {
  uncertainty_least_confidence: 0,
  uncertainty_margin: 0,
  uncertainty_entropy: 0,
};

/** An image is as uncertain as its most uncertain object, in each of the measures. */
function mostUncertain(ofImage: Predictions, classes: number): ClassUncertainty {
  const highest = { ...NO_UNCERTAINTY };
  for (const singleton of ofImage) {
    const uncertainty = classUncertainty(singleton, classes);
    for (const name of CLASS_UNCERTAINTIES) highest[name] = Math.max(highest[name], uncertainty[name]);
  }
  return highest;
}

/** A region's uncertainty counts as often as it has pixels. Pixels outside of all regions are of no class. */
function meanOverPixels(ofImage: Predictions, classes: number): ClassUncertainty {
  const sum = { ...NO_UNCERTAINTY };
  let pixels = 0;
  for (const singleton of ofImage) {
    const area = 'segmentation' in singleton ? pixelsInside(singleton.segmentation) : 0;
    const uncertainty = classUncertainty(singleton, classes);
    for (const name of CLASS_UNCERTAINTIES) sum[name] += area * uncertainty[name];
    pixels += area;
  }
  if (pixels === 0) return NO_UNCERTAINTY;
  for (const name of CLASS_UNCERTAINTIES) sum[name] /= pixels;
  return sum;
}

/** Every second run is inside; the first one is outside. */
const pixelsInside = (runs: readonly number[]): number =>
  runs.reduce((pixels, length, at) => (at % 2 === 1 ? pixels + length : pixels), 0);

function frequencies(predictions: ReadonlyMap<string, Predictions>): ScoresOfImages {
  const categoryIds = [...predictions.values()].map((ofImage) => ofImage.map(({ categoryId }) => categoryId));
  const scores = objectFrequencies(categoryIds);
  return new Map([...predictions.keys()].map((fileName, at) => [fileName, scores[at] as number]));
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const objectness = (ofImage: Predictions): number =>
  ofImage.length === 0 ? 0 : 1 - mean(ofImage.map(({ score }) => score));

/** Keypoints are x, y and confidence each. COCO writes 2 for one that is seen, which is no surer than 1. */
function keypointUncertainty(ofImage: Predictions): number {
  const confidences = ofImage.flatMap((singleton) =>
    'keypoints' in singleton ? [mean(confidencesOf(singleton.keypoints))] : [],
  );
  return confidences.length === 0 ? 0 : 1 - mean(confidences);
}

const confidencesOf = (keypoints: readonly number[]): number[] =>
  keypoints.filter((_, at) => at % 3 === 2).map((confidence) => Math.min(1, confidence));
