import type { EmbeddingInformation, Plot2d } from '#contracts/report-v2';
import type { AnalysedImage, Point, Project } from './analysed-image.ts';
import { distancesToCover, distancesWithin } from './embedding-distances.ts';
import { exampleSpots } from './example-spots.ts';
import { type ImageSets, spread } from './image-sets.ts';
import { distributionPerSet, type ValuesPerSet } from './numeric-distribution.ts';

/**
 * Comparing sets costs the product of their sizes: of 500 vectors with 4,000 of 256 numbers, a quarter of a second, and
 * there are up to nine comparisons. Of larger sets, images spread evenly over their order stand for the whole.
 */
export const MOST_ASKING = 500;
const MOST_ASKED = 4_000;

/** Points of a plot: UMAP lays 1,500 out in two or three seconds. */
const MOST_PLOTTED = { input: 800, selected: 400, datapool: 300 } as const;

/** How near the images of each set are to each other, how well they stand for the input, and where they are. */
export function analyseEmbeddings(sets: ImageSets, project: Project): EmbeddingInformation {
  const asked: ImageSets = {
    input: spread(sets.input, MOST_ASKED),
    selected: spread(sets.selected, MOST_ASKED),
    random: spread(sets.random, MOST_ASKED),
    datapool: spread(sets.datapool, MOST_ASKED),
  };
  return {
    distanceToNearestNeighborInSet: nearestNeighbours(asked),
    distanceToCoverInput: covers(asked),
    scatterPlotData: scatterPlots(sets, project),
  };
}

const vectors = (images: readonly AnalysedImage[]): Float32Array[] =>
  images.map(({ embedding }) => embedding);

function nearestNeighbours(sets: ImageSets) {
  const within = (images: readonly AnalysedImage[]): number[] => {
    const all = vectors(images);
    return distancesWithin(spread(all, MOST_ASKING), all);
  };
  return distributionPerSet({
    input: within(sets.input),
    selected: within(sets.selected),
    random: within(sets.random),
    ...withDatapool(sets, within),
  });
}

function covers(sets: ImageSets) {
  const input = spread(vectors(sets.input), MOST_ASKING);
  const by = (images: readonly AnalysedImage[]): number[] => distancesToCover(input, vectors(images));
  return distributionPerSet({
    selected: by(sets.selected),
    random: by(sets.random),
    ...withDatapool(sets, by),
  });
}

const withDatapool = (
  { datapool, selected }: ImageSets,
  measure: (images: readonly AnalysedImage[]) => number[],
): ValuesPerSet =>
  datapool.length === 0
    ? {}
    : {
        preselectedDatapool: measure(datapool),
        selectedWithDatapool: measure(spread([...datapool, ...selected], MOST_ASKED)),
      };

function scatterPlots(sets: ImageSets, project: Project): EmbeddingInformation['scatterPlotData'] {
  const input = spread(sets.input, MOST_PLOTTED.input);
  const selected = spread(sets.selected, MOST_PLOTTED.selected);
  const datapool = spread(sets.datapool, MOST_PLOTTED.datapool);
  const all = [...new Set([...input, ...selected, ...datapool])];
  const drawn = (method: 'PCA' | 'UMAP'): Plot2d => {
    const points = new Map(project(vectors(all), method).map((point, at) => [all[at], point]));
    const of = (images: readonly AnalysedImage[]): Point[] =>
      images.map((image) => points.get(image) ?? [0, 0]);
    return {
      input2dEmbeddings: of(input),
      ...(datapool.length > 0 && { datapool2dEmbeddings: of(datapool) }),
      selectedExcludingDatapool2dEmbeddings: of(selected),
      exampleImages: exampleSpots(of(selected)).map((at) => ({
        location: of(selected)[at] ?? [0, 0],
        filename: selected[at]?.fileName ?? '',
      })),
    };
  };
  return { pcaEmbeddingData: drawn('PCA'), umapEmbeddingData: drawn('UMAP') };
}
