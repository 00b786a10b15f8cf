import type { PredictionSingleton } from '#contracts/predictions';
import type { AutoTask } from '#contracts/selection-config';
import type { ImageRegion } from '#imaging/image-region';

/** Pixels of the upright image. */
export interface UprightSize {
  readonly width: number;
  readonly height: number;
}

/** A part of an image, and what was predicted there. */
export interface CropRegion {
  /** Which of the image's predictions of the task, or which of its tiles, row by row. */
  readonly index: number;
  readonly region: ImageRegion;
  /** 0 for a tile. */
  readonly categoryId: number;
  /** Confidence, 0 to 1; 1 for a tile. */
  readonly score: number;
}

/**
 * Where a task has found objects, in its order. A prediction without a place, as of a classification, has none.
 *
 * @param padding share of a box's sides that is added at each of its borders
 */
export function predictedRegions(predictions: readonly PredictionSingleton[], padding = 0): CropRegion[] {
  return predictions.flatMap((prediction, index) => {
    const box = boxOf(prediction);
    if (!box) return [];
    const { categoryId, score } = prediction;
    return [{ index, region: padded(box, padding), categoryId, score }];
  });
}

function boxOf(prediction: PredictionSingleton): ImageRegion | undefined {
  switch (prediction.type) {
    case 'OBJECT_DETECTION':
    case 'INSTANCE_SEGMENTATION':
      return regionOfBox(prediction.bbox);
    case 'KEYPOINT_DETECTION':
      return prediction.bbox ? regionOfBox(prediction.bbox) : regionOfKeypoints(prediction.keypoints);
    case 'CLASSIFICATION':
    case 'SEMANTIC_SEGMENTATION':
      return undefined;
    default:
      return prediction satisfies never;
  }
}

const regionOfBox = ([x = 0, y = 0, width = 0, height = 0]: readonly number[]): ImageRegion => ({
  ...{ x, y, width, height },
});

/** The smallest box around the keypoints that are visible: x, y and s each, where s = 0 says that one is not there. */
function regionOfKeypoints(keypoints: readonly number[]): ImageRegion | undefined {
  const visible = keypoints.flatMap((x, at) =>
    at % 3 === 0 && keypoints[at + 2] !== 0 ? [{ x, y: keypoints[at + 1] ?? 0 }] : [],
  );
  if (visible.length === 0) return undefined;
  const [left, right] = rangeOf(visible.map(({ x }) => x));
  const [top, bottom] = rangeOf(visible.map(({ y }) => y));
  // A single point, or a straight line, is a pixel wide.
  return { x: left, y: top, width: Math.max(1, right - left), height: Math.max(1, bottom - top) };
}

/** By a loop: there may be more numbers than a call has room for. */
function rangeOf(numbers: readonly number[]): readonly [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const number of numbers) {
    least = Math.min(least, number);
    most = Math.max(most, number);
  }
  return [least, most];
}

const padded = ({ x, y, width, height }: ImageRegion, padding: number): ImageRegion => ({
  x: finite(x - padding * width),
  y: finite(y - padding * height),
  width: finite(width * (1 + 2 * padding)),
  height: finite(height * (1 + 2 * padding)),
});

/** JSON, which plans are kept as, has no infinity. */
const finite = (length: number): number => Math.max(-Number.MAX_VALUE, Math.min(length, Number.MAX_VALUE));

/** The tiles, row by row, or the boxes of an automatic task, in an image of this size. */
export function automaticRegions(task: AutoTask, size: UprightSize): CropRegion[] {
  const regions = task.type === 'TILING' ? tiles(task, size) : fixedBoxes(task.bboxs, size);
  return regions.map((region, index) => ({ index, region, categoryId: 0, score: 1 }));
}

/**
 * Tiles of equal size that together cover the image. Where n tiles share o of a tile with the next one, they are
 * n − (n − 1) × o tiles long together; that is the length of the image.
 */
function tiles(
  { numRows, numCols, overlap }: Extract<AutoTask, { type: 'TILING' }>,
  { width: imageWidth, height: imageHeight }: UprightSize,
): ImageRegion[] {
  const width = imageWidth / (numCols - (numCols - 1) * overlap);
  const height = imageHeight / (numRows - (numRows - 1) * overlap);
  return Array.from({ length: numRows * numCols }, (_, index) => ({
    x: (index % numCols) * width * (1 - overlap),
    y: Math.floor(index / numCols) * height * (1 - overlap),
    width,
    height,
  }));
}

/** @param boxes two opposite corners each, as shares of width and height */
const fixedBoxes = (
  boxes: Extract<AutoTask, { type: 'CROP' }>['bboxs'],
  { width, height }: UprightSize,
): ImageRegion[] =>
  boxes.map(([x1, y1, x2, y2]) => ({
    x: Math.min(x1, x2) * width,
    y: Math.min(y1, y2) * height,
    width: Math.abs(x2 - x1) * width,
    height: Math.abs(y2 - y1) * height,
  }));
