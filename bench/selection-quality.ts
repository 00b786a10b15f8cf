import type { SelectionEntry } from '#contracts/selection-config';
import { select } from '#selection/select';
import { type Figure, figureOf } from './figure.ts';
import { embeddingsOfFolder, type LabelledEmbedding, mixtureOf } from './labelled-embeddings.ts';

/*
 * What is chosen by diversity, versus by lot and versus every n-th image in the order in which they came. The
 * table of docs/selection.md: `node bench/selection-quality.ts <folder>`, with a folder for each kind of photo.
 */

/** What a choice is worth; distances are Euclidean. */
interface Quality {
  /** Largest distance of an image to the nearest chosen one. */
  readonly coverRadius: number;
  /** Its mean over all images. */
  readonly meanDistance: number;
  /** Smallest distance of two chosen images. */
  readonly minimumDistance: number;
  /** Share of the classes that one of the chosen images shows. */
  readonly classCoverage: number;
}

const SEEDS = 20;
const MIXTURE = { count: 5_000, dimension: 64, components: 50, seed: 20240517 };
const OF_MIXTURE = 100;
const SHARES_OF_FOLDER = [0.03, 0.1];
const EMBEDDINGS = { type: 'EMBEDDINGS' } as const;
const DIVERSITY: SelectionEntry = { input: EMBEDDINGS, strategy: { type: 'DIVERSITY' } };
const STRATEGIES: Readonly<Record<string, SelectionEntry[]>> = {
  DIVERSITY: [DIVERSITY],
  'DIVERSITY, TYPICALITY': [DIVERSITY, { input: EMBEDDINGS, strategy: { type: 'TYPICALITY' } }],
  'DIVERSITY, BALANCE of the classes': [
    DIVERSITY,
    { input: { type: 'METADATA', key: 'label' }, strategy: { type: 'BALANCE', distribution: 'UNIFORM' } },
  ],
};

/** Cover radius of diversity in units of that of a choice by lot, on a mixture of scenes. */
export async function coverRadiusVsRandom(): Promise<Figure> {
  const images = mixtureOf(MIXTURE);
  const diverse = qualityOf(images, await chosenBy(images, [DIVERSITY], OF_MIXTURE));
  const ratios = await byLot(images, OF_MIXTURE);
  return figureOf(
    'cover-radius-vs-random',
    '<= 0.9',
    ratios.map(({ coverRadius }) => diverse.coverRadius / coverRadius),
  );
}

async function chosenBy(
  images: readonly LabelledEmbedding[],
  strategies: SelectionEntry[],
  nSamples: number,
): Promise<number[]> {
  const candidates = images.map(({ embedding, label }, index) => ({
    fileName: String(index).padStart(6, '0'),
    embedding,
    metadata: { label },
  }));
  const { chosen } = await select({ config: { nSamples, strategies }, candidates, preselected: [] });
  return chosen.map(({ index }) => index);
}

function byLot(images: readonly LabelledEmbedding[], count: number): Promise<Quality[]> {
  return Promise.all(
    Array.from({ length: SEEDS }, async (_, randomSeed) => {
      const entry: SelectionEntry = { input: { type: 'RANDOM', randomSeed }, strategy: { type: 'WEIGHTS' } };
      return qualityOf(images, await chosenBy(images, [entry], count));
    }),
  );
}

const evenlyInOrder = (images: readonly LabelledEmbedding[], count: number): number[] =>
  Array.from({ length: count }, (_, at) => Math.floor(((at + 0.5) * images.length) / count));

function qualityOf(images: readonly LabelledEmbedding[], chosen: readonly number[]): Quality {
  const embeddingOf = (index: number) => images[index]?.embedding ?? new Float32Array();
  const toNearest = images.map(({ embedding }) =>
    Math.min(...chosen.map((index) => distance(embedding, embeddingOf(index)))),
  );
  const apart = chosen.map((one, at) =>
    Math.min(...chosen.slice(0, at).map((other) => distance(embeddingOf(one), embeddingOf(other)))),
  );
  const classes = new Set(images.map(({ label }) => label));
  const shown = new Set(chosen.map((index) => images[index]?.label));
  return {
    coverRadius: Math.max(...toNearest),
    meanDistance: mean(toNearest),
    minimumDistance: Math.min(...apart),
    classCoverage: shown.size / classes.size,
  };
}

function distance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let axis = 0; axis < a.length; axis++) sum += ((a[axis] as number) - (b[axis] as number)) ** 2;
  return Math.sqrt(sum);
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

async function printTable(name: string, images: readonly LabelledEmbedding[], count: number): Promise<void> {
  console.log(`\n${name}: ${count} of ${images.length}\n`);
  console.log('| chosen by | cover radius | mean distance | minimum distance | classes |');
  console.log('|---|---|---|---|---|');
  for (const [strategy, entries] of Object.entries(STRATEGIES)) {
    printRow(strategy, [qualityOf(images, await chosenBy(images, entries, count))]);
  }
  printRow('every n-th in order', [qualityOf(images, evenlyInOrder(images, count))]);
  printRow(`lot, mean of ${SEEDS} seeds`, await byLot(images, count));
}

function printRow(name: string, qualities: readonly Quality[]): void {
  const meanOf = (read: (quality: Quality) => number) => mean(qualities.map(read));
  const distances = [
    meanOf(({ coverRadius }) => coverRadius),
    meanOf(({ meanDistance }) => meanDistance),
    meanOf(({ minimumDistance }) => minimumDistance),
  ].map((value) => value.toFixed(3));
  const classes = `${(100 * meanOf(({ classCoverage }) => classCoverage)).toFixed(0)} %`;
  console.log(`| ${[name, ...distances, classes].join(' | ')} |`);
}

if (import.meta.main) {
  const [, , folder] = process.argv;
  await printTable('Mixture', mixtureOf(MIXTURE), OF_MIXTURE);
  if (folder !== undefined) {
    const images = await embeddingsOfFolder(folder);
    for (const share of SHARES_OF_FOLDER)
      await printTable('Photos', images, Math.round(share * images.length));
  } else {
    console.log('\nPhotos: not run: no folder of photos was named');
  }
}
