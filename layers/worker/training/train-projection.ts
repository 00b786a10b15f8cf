import { createHash } from 'node:crypto';
import { InvalidInputError } from '#contracts/errors';
import type { TrainingConfig } from '#contracts/training-config';
import type { EmbeddingModel } from '#imaging/embedding-model';
import type { CropTask } from '../crops/crop-tasks.ts';
import type { AnalysedReference } from '../crops/embed-crops.ts';
import type { RunControl } from '../run-control.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type FitSettings, fitProjection } from './fit-projection.ts';
import type { ProjectionHead } from './projection-head.ts';
import { trainingViews } from './training-views.ts';

/** More images take minutes more, most of them to read and decode. */
const MOST_TRAINING_IMAGES = 1_000;
/** Fewer images tell nothing of a dataset. */
export const LEAST_TRAINING_IMAGES = 16;
/** Images × epochs. Each takes some tenths of a millisecond. */
const MOST_VISITS = 200_000;
/** Reading and embedding takes most of the time, as a share. */
const SHARE_OF_VIEWS = 0.9;

/**
 * Fits a projection head to augmented views of the dataset's own images, or of a task's objects in them.
 *
 * @returns undefined, with a warning, where there are too few images
 * @throws InvalidInputError for more output values than the embedding has, or where steps so large lead nowhere
 */
export async function trainProjection(
  images: readonly AnalysedReference[],
  { training, task, model }: { training: TrainingConfig; task: CropTask | undefined; model: EmbeddingModel },
  control: RunControl,
): Promise<Checkpoint | undefined> {
  checkOutputDimension(training, model);
  const chosen = trainingImages(images, training.seed);
  let read = 0;
  const views = await trainingViews(chosen, {
    ...{ model, training, task, images: control.images },
    onImage: () => control.progress((SHARE_OF_VIEWS * ++read) / chosen.length),
  });
  if (views.length < LEAST_TRAINING_IMAGES) {
    const what = task ? `objects of task '${task.name}'` : 'images';
    control.warn(
      `Training was left out, and embeddings are used as they are: it needs ${LEAST_TRAINING_IMAGES} ${what}, and ` +
        `there are ${views.length}.`,
    );
    return undefined;
  }
  const settings = fitSettings(training, views.length);
  const { head, losses } = await fitProjection(views, settings, (share) =>
    control.progress(SHARE_OF_VIEWS + (1 - SHARE_OF_VIEWS) * share),
  );
  checkEnd(head, losses, settings);
  const fit = { images: views.length, epochs: settings.epochs, losses };
  return { embeddingModel: model.name, head, fit };
}

/** Descent in steps that are too large ends beyond all numbers, where every image would be the same. */
function checkEnd(
  { weights }: ProjectionHead,
  losses: readonly number[],
  { learningRate, weightDecay }: FitSettings,
): void {
  if (weights.every(Number.isFinite) && losses.every(Number.isFinite)) return;
  throw new InvalidInputError(
    `lightly.optimizer: with lr ${learningRate} and weightDecay ${weightDecay} training diverges. Give smaller ones.`,
  );
}

function checkOutputDimension({ model: { numFtrs } }: TrainingConfig, model: EmbeddingModel): void {
  if (numFtrs <= model.dimension) return;
  throw new InvalidInputError(
    `lightly.model.numFtrs: ${numFtrs} are more than the ${model.dimension} values of an embedding of ` +
      `'${model.name}'. Give at most ${model.dimension}.`,
  );
}

/** By chance, the same for the same seed and names, whatever order they come in. */
function trainingImages(images: readonly AnalysedReference[], seed: number): AnalysedReference[] {
  return images
    .map((image) => ({
      image,
      rank: createHash('sha256')
        .update(JSON.stringify(['training', seed, image.fileName]))
        .digest('hex'),
    }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, MOST_TRAINING_IMAGES)
    .map(({ image }) => image);
}

/** What a configuration means for so many images. */
export const fitSettings = (
  { seed, model, loader, trainer, criterion, optimizer }: TrainingConfig,
  images: number,
): FitSettings => ({
  seed,
  outputDimension: model.numFtrs,
  epochs: Math.min(trainer.maxEpochs, Math.max(1, Math.floor(MOST_VISITS / images))),
  batchSize: loader.batchSize,
  temperature: criterion.temperature,
  learningRate: optimizer.lr,
  weightDecay: optimizer.weightDecay,
});
