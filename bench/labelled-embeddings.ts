import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { analyseImage } from '#imaging/analyse-image';
import { classicalEmbedding } from '#imaging/classical-embedding';
import { frequentFirst, gaussianVector, seededRandom } from './random-draws.ts';

/** An image of which is known what it shows. */
export interface LabelledEmbedding {
  readonly label: string;
  readonly embedding: Float32Array;
}

const LIMITS = { maxBytes: 100e6, maxPixels: 100e6, thumbnailSize: 256, keepGps: false };

/**
 * JPEGs of a folder that has one folder for each kind, in order of their names without that folder: the names say
 * nothing of the kind, so the order is that of no kind.
 */
export async function embeddingsOfFolder(folder: string): Promise<LabelledEmbedding[]> {
  const paths = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.jpg'));
  const inOrder = paths.map((path) => path.split('/')).sort(([, a = ''], [, b = '']) => (a < b ? -1 : 1));
  const images: LabelledEmbedding[] = [];
  for (const [label = '', name = ''] of inOrder) {
    const { facts } = await analyseImage(
      await readFile(join(folder, label, name)),
      LIMITS,
      classicalEmbedding,
    );
    images.push({ label, embedding: facts.embedding });
  }
  return images;
}

export interface Mixture {
  readonly count: number;
  readonly dimension: number;
  /** Components; the n-th most frequent is 1/n as frequent as the first. */
  readonly components: number;
  readonly seed: number;
}

/** How far vectors are from the centre of their component, in units of its length. */
const SPREAD = 0.5;
/** Vectors of one component come in runs of up to so many, as images of a camera that stays where it is. */
const LONGEST_RUN = 60;

/** Unit vectors of a mixture of Gaussian components, in an order like that of time: in runs of one component. */
export function mixtureOf({ count, dimension, components, seed }: Mixture): LabelledEmbedding[] {
  const random = seededRandom(seed);
  const centres = Array.from({ length: components }, () => unit(gaussianVector(dimension, random)));
  const images: LabelledEmbedding[] = [];
  while (images.length < count) {
    const component = frequentFirst(components, random);
    const run = Math.min(count - images.length, 1 + Math.floor(random() * LONGEST_RUN));
    for (let at = 0; at < run; at++) {
      const offset = unit(gaussianVector(dimension, random));
      const spread = SPREAD * (0.5 + random());
      const vector = (centres[component] as Float32Array).map(
        (value, axis) => value + spread * (offset[axis] as number),
      );
      images.push({ label: `component ${component}`, embedding: unit(vector) });
    }
  }
  return images;
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / length);
}
