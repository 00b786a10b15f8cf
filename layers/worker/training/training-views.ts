import pLimit from 'p-limit';
import pMap from 'p-map';
import { RejectedError } from '#contracts/errors';
import { uprightSizeOf } from '#contracts/image-facts';
import type { TrainingConfig } from '#contracts/training-config';
import { decodeImage, type StoredImage } from '#imaging/decode-image';
import type { EmbeddingModel } from '#imaging/embedding-model';
import { withPreview } from '#imaging/preview';
import type { RgbPixels } from '#imaging/rgb-pixels';
import type { CropTask } from '../crops/crop-tasks.ts';
import { cutRegion } from '../crops/cut-region.ts';
import { type AnalysedReference, NO_LIMITS } from '../crops/embed-crops.ts';
import type { RunImages } from '../run-images.ts';
import { type Augmentation, augment } from './augment.ts';
import type { ImageViews } from './fit-projection.ts';
import { seededRandom } from './seeded-random.ts';

/** Of each image; two of them are drawn for each step. More tell little that is new, and each is embedded. */
const VIEWS = 8;
/** A crowd in one image must not be most of what is learnt from. */
const MOST_CROPS_OF_AN_IMAGE = 10;
const CONCURRENT_READS = 4;

const augmentationOf = ({ collate }: TrainingConfig): Augmentation => ({
  side: collate.inputSize,
  minScale: collate.minScale,
  flipAcross: collate.hfProb,
  flipDown: collate.vfProb,
  jitter: {
    probability: collate.cjProb,
    brightness: collate.cjBright,
    contrast: collate.cjContrast,
    saturation: collate.cjSat,
    hue: collate.cjHue,
  },
  grey: collate.randomGrayScale,
  blur: { probability: collate.gaussianBlur, sigmas: collate.sigmas },
});

interface ViewSource {
  readonly model: EmbeddingModel;
  readonly training: TrainingConfig;
  /** Train on its regions instead of whole images. */
  readonly task: CropTask | undefined;
  readonly images: Pick<RunImages, 'read'>;
  /** After each image. */
  readonly onImage: () => Promise<void>;
}

/**
 * Embeddings of augmented views of images, or of their regions, in order of the images. What can't be read is left out.
 */
export async function trainingViews(
  references: readonly AnalysedReference[],
  source: ViewSource,
): Promise<ImageViews[]> {
  const decoder = pLimit(1);
  const views = await pMap(
    references,
    async (reference) => {
      const bytes = await source.images.read(reference);
      const embedded = bytes && (await decoder(() => viewsOf(bytes, reference, source)));
      await source.onImage();
      return embedded ?? [];
    },
    { concurrency: CONCURRENT_READS },
  );
  return views.flat();
}

async function viewsOf(
  bytes: Uint8Array,
  reference: AnalysedReference,
  { model, training, task }: ViewSource,
): Promise<ImageViews[]> {
  const augmentation = augmentationOf(training);
  const pictures = await picturesOf(bytes, reference, task);
  const views: ImageViews[] = [];
  for (const [index, picture] of pictures.entries()) {
    const random = seededRandom('views', training.seed, reference.fileName, index);
    const embedded: Float32Array[] = [];
    for (let view = 0; view < VIEWS; view++) {
      embedded.push(await embedView(augment(picture, augmentation, random), model));
    }
    views.push(embedded);
  }
  return views;
}

/** Empty where the bytes can't be read as an image. */
async function picturesOf(
  bytes: Uint8Array,
  { fileName, facts }: AnalysedReference,
  task: CropTask | undefined,
): Promise<RgbPixels[]> {
  try {
    const image = await decodeImage(bytes, NO_LIMITS);
    if (!task) return [withPreview(image).preview];
    const regions = task.regionsOf(fileName, uprightSizeOf(facts)).slice(0, MOST_CROPS_OF_AN_IMAGE);
    return regions.flatMap(({ region }) => cutPreview(image, region));
  } catch (error) {
    if (error instanceof RejectedError) return [];
    throw error;
  }
}

function cutPreview(image: StoredImage, region: Parameters<typeof cutRegion>[1]): RgbPixels[] {
  const cut = cutRegion(image, region);
  return cut ? [withPreview({ ...cut, orientation: 1 }).preview] : [];
}

const embedView = async (view: RgbPixels, model: EmbeddingModel): Promise<Float32Array> =>
  Float32Array.from(await model.embed({ ...view, orientation: 1, preview: view }));
