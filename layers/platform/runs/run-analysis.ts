import { createHash } from 'node:crypto';
import type { Plot2d, RunAnalysis } from '#contracts/report-v2';
import { distancesToCover, distancesWithin, nearestTo } from './embedding-distances.ts';
import { distributionPerSet, type ValuesPerSet } from './numeric-distribution.ts';
import { type Point, principalPlane } from './principal-plane.ts';

/** What the report looks at of an image. */
export interface AnalysedImage {
  readonly fileName: string;
  readonly embedding: Float32Array;
  /** Numeric metadata by name; all images have the same names. */
  readonly numbers: Readonly<Record<string, number>>;
}

export interface AnalysedSets {
  /** Sound images without duplicates: what the selection chose from. */
  readonly input: readonly AnalysedImage[];
  /** Those of the input that were chosen. */
  readonly selected: readonly AnalysedImage[];
  /** Samples that the dataset had before. */
  readonly datapool: readonly AnalysedImage[];
}

/**
 * Comparing two sets costs the product of their sizes: 1,000 by 1,000 vectors take a tenth of a second. Of a larger
 * set, 1,000 images spread evenly over the file names stand for the whole.
 */
const MOST_COMPARED = 1_000;
const MOST_EXAMPLES = 6;

type Sets = Readonly<Record<'input' | 'selected' | 'random' | 'datapool', readonly AnalysedImage[]>>;

/**
 * What the selection is like beside its input and beside as many images drawn at random. `seed` names the draw:
 * the same seed draws the same images.
 */
export function analyseRun(sets: AnalysedSets, seed: string): RunAnalysis {
  const random = drawnAtRandom(sets.input, sets.selected.length, seed);
  const all: Sets = { ...sets, random };
  const compared: Sets = {
    input: spread(sets.input),
    selected: spread(sets.selected),
    random: spread(random),
    datapool: spread(sets.datapool),
  };
  return {
    datasetAnalysis: {
      embeddingInformation: {
        distanceToNearestNeighborInSet: nearestNeighbours(compared),
        distanceToCoverInput: covers(compared),
        scatterPlotData: { pcaEmbeddingData: plot(compared), umapEmbeddingData: EMPTY_PLOT },
      },
      metadataInformation: { lightlyNumeric: metadata(all), customNumeric: {}, customCategorical: {} },
    },
    selectedAndRemovedImageExamples: removedNextToSelected(compared),
  };
}

function spread(images: readonly AnalysedImage[]): readonly AnalysedImage[] {
  if (images.length <= MOST_COMPARED) return images;
  const step = images.length / MOST_COMPARED;
  return Array.from({ length: MOST_COMPARED }, (_, at) => images[Math.floor(at * step)] as AnalysedImage);
}

function drawnAtRandom(images: readonly AnalysedImage[], count: number, seed: string) {
  const lot = ({ fileName }: AnalysedImage): string =>
    createHash('sha256').update(`${seed}/${fileName}`).digest('hex');
  return images
    .map((image) => ({ image, lot: lot(image) }))
    .sort((a, b) => (a.lot < b.lot ? -1 : 1))
    .slice(0, count)
    .map(({ image }) => image);
}

const vectors = (images: readonly AnalysedImage[]): Float32Array[] =>
  images.map(({ embedding }) => embedding);

/** The optional sets of a distribution are there only where the dataset had samples before. */
const withDatapool = ({ datapool }: Sets, sets: () => ValuesPerSet): ValuesPerSet =>
  datapool.length > 0 ? sets() : {};

function nearestNeighbours(sets: Sets) {
  const within = (images: readonly AnalysedImage[]): number[] => distancesWithin(vectors(images));
  return distributionPerSet({
    input: within(sets.input),
    selected: within(sets.selected),
    random: within(sets.random),
    ...withDatapool(sets, () => ({
      preselectedDatapool: within(sets.datapool),
      selectedWithDatapool: within([...sets.datapool, ...sets.selected]),
    })),
  });
}

function covers(sets: Sets) {
  const input = vectors(sets.input);
  const by = (images: readonly AnalysedImage[]): number[] => distancesToCover(input, vectors(images));
  return distributionPerSet({
    selected: by(sets.selected),
    random: by(sets.random),
    ...withDatapool(sets, () => ({
      preselectedDatapool: by(sets.datapool),
      selectedWithDatapool: by([...sets.datapool, ...sets.selected]),
    })),
  });
}

function metadata(sets: Sets): RunAnalysis['datasetAnalysis']['metadataInformation']['lightlyNumeric'] {
  const names = Object.keys(sets.input[0]?.numbers ?? {});
  return Object.fromEntries(
    names.map((name) => {
      const values = (images: readonly AnalysedImage[]) => images.map(({ numbers }) => numbers[name] ?? 0);
      const perSet = {
        input: values(sets.input),
        selected: values(sets.selected),
        random: values(sets.random),
        ...withDatapool(sets, () => ({
          preselectedDatapool: values(sets.datapool),
          selectedWithDatapool: values([...sets.datapool, ...sets.selected]),
        })),
      };
      return [name, distributionPerSet(perSet)];
    }),
  );
}

/** UMAP is a layout for the eye that takes longer than the whole run; the protocol wants the field. */
const EMPTY_PLOT: Plot2d = {
  input2dEmbeddings: [],
  selectedExcludingDatapool2dEmbeddings: [],
  exampleImages: [],
};

function plot({ input, selected, datapool }: Sets): Plot2d {
  const project = principalPlane(vectors(input));
  const points = (images: readonly AnalysedImage[]): Point[] =>
    images.map(({ embedding }) => project(embedding));
  return {
    input2dEmbeddings: points(input),
    ...(datapool.length > 0 && { datapool2dEmbeddings: points(datapool) }),
    selectedExcludingDatapool2dEmbeddings: points(selected),
    exampleImages: selected.slice(0, MOST_EXAMPLES).map(({ fileName, embedding }) => ({
      location: project(embedding),
      filename: fileName,
    })),
  };
}

/** Images that were left out because a selected one is nearly the same: the clearest cases first. */
function removedNextToSelected({ input, selected }: Sets) {
  const chosen = new Set(selected.map(({ fileName }) => fileName));
  const cover = vectors(selected);
  return input
    .filter(({ fileName }) => !chosen.has(fileName))
    .map(({ fileName, embedding }) => ({ fileName, nearest: nearestTo(embedding, cover) }))
    .sort((a, b) => a.nearest.distance - b.nearest.distance)
    .slice(0, MOST_EXAMPLES)
    .flatMap(({ fileName, nearest }) => {
      const selectedImage = selected[nearest.index]?.fileName;
      return selectedImage === undefined
        ? []
        : [{ selectedImage, removedImage: fileName, distance: nearest.distance }];
    });
}
