import { setImmediate as nextTurn } from 'node:timers/promises';
import { ntXent } from './nt-xent.ts';
import { applyHead, type ProjectionHead } from './projection-head.ts';
import { type SeededRandom, seededRandom, shuffledOrder } from './seeded-random.ts';

export interface FitSettings {
  readonly seed: number;
  readonly outputDimension: number;
  readonly epochs: number;
  /** Images of a step; of each, two views. */
  readonly batchSize: number;
  readonly temperature: number;
  readonly learningRate: number;
  readonly weightDecay: number;
}

/** Embeddings of the views of one image, at least two. */
export type ImageViews = readonly Float32Array[];

export interface FittedHead {
  readonly head: ProjectionHead;
  /** Mean loss of each epoch. */
  readonly losses: readonly number[];
}

/** Of stochastic gradient descent; Sutskever et al. 2013. */
const MOMENTUM = 0.9;

/**
 * Fits a projection under which two views of one image are near and views of different images are far: stochastic
 * gradient descent on NT-Xent, its learning rate falling as a cosine to zero (Loshchilov and Hutter 2017). The same
 * views and settings give the same head.
 *
 * @param onEpoch called after each epoch with the share that is done; may wait, and may throw to stop
 */
export async function fitProjection(
  images: readonly ImageViews[],
  settings: FitSettings,
  onEpoch: (share: number) => void | Promise<void> = () => undefined,
): Promise<FittedHead> {
  const random = seededRandom('projection', settings.seed);
  const head = firstHead(images, settings.outputDimension, random);
  const velocity = new Float32Array(head.weights.length);
  const batchSize = Math.min(settings.batchSize, images.length);
  const batches = Math.floor(images.length / batchSize);
  const losses: number[] = [];
  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    const order = shuffledOrder(images.length, random);
    let loss = 0;
    for (let batch = 0; batch < batches; batch++) {
      const members = order.subarray(batch * batchSize, (batch + 1) * batchSize);
      const views = [...members].flatMap((member) => twoViews(images[member] ?? [], random));
      const progress = (epoch + batch / batches) / settings.epochs;
      const rate = (settings.learningRate * (1 + Math.cos(Math.PI * progress))) / 2;
      loss += step(head, views, velocity, { ...settings, rate });
    }
    losses.push(loss / batches);
    await onEpoch((epoch + 1) / settings.epochs);
    // So that heartbeats get through, however long it takes.
    await nextTurn();
  }
  return { head, losses };
}

function twoViews(views: ImageViews, random: SeededRandom): Float32Array[] {
  const first = random.below(views.length);
  const second = (first + 1 + random.below(views.length - 1)) % views.length;
  return [views[first], views[second]].filter((view) => view !== undefined);
}

/** Centred at the mean of the views; weights by chance, so scaled that lengths stay about as they are. */
function firstHead(
  images: readonly ImageViews[],
  outputDimension: number,
  random: SeededRandom,
): ProjectionHead {
  const views = images.flat();
  const inputDimension = views[0]?.length ?? 0;
  const centre = new Float32Array(inputDimension);
  for (const view of views) {
    for (let k = 0; k < inputDimension; k++)
      centre[k] = (centre[k] as number) + (view[k] as number) / views.length;
  }
  // Uniform numbers from -a to a have the variance a² / 3.
  const bound = Math.sqrt(3 / outputDimension);
  const weights = Float32Array.from({ length: inputDimension * outputDimension }, () =>
    random.between(-bound, bound),
  );
  return { inputDimension, outputDimension, centre, weights };
}

/** One step of descent; changes weights and velocity. Returns the loss before it. */
function step(
  head: ProjectionHead,
  views: readonly Float32Array[],
  velocity: Float32Array,
  { temperature, weightDecay, rate }: FitSettings & { readonly rate: number },
): number {
  const { inputDimension, outputDimension, centre, weights } = head;
  const projected = new Float32Array(views.length * outputDimension);
  for (const [index, view] of views.entries()) applyHead(head, view, projected, index * outputDimension);
  const ofProjected = new Float32Array(projected.length);
  const loss = ntXent({ values: projected, dimension: outputDimension }, temperature, ofProjected);
  const gradient = weights.map((weight) => weightDecay * weight);
  views.forEach((view, index) => {
    for (let row = 0; row < outputDimension; row++) {
      const factor = ofProjected[index * outputDimension + row] as number;
      const start = row * inputDimension;
      for (let k = 0; k < inputDimension; k++) {
        gradient[start + k] =
          (gradient[start + k] as number) + factor * ((view[k] as number) - (centre[k] as number));
      }
    }
  });
  for (let at = 0; at < weights.length; at++) {
    velocity[at] = MOMENTUM * (velocity[at] as number) + (gradient[at] as number);
    weights[at] = (weights[at] as number) - rate * (velocity[at] as number);
  }
  return loss;
}
