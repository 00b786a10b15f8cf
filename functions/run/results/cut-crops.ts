import { InvalidInputError, RejectedError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { PlannedCrop } from '#contracts/planned-crop';
import { cropImageName, keyWithin, thumbnailName } from '#contracts/s3-keys';
import type { AnalysedSample, Sample } from '#contracts/samples';
import { analyseImage } from '#imaging/analyse-image';
import { sharp } from '#imaging/configured-sharp';
import { decodeImage, type StoredImage } from '#imaging/decode-image';
import { cutRegion } from '#worker/crops/cut-region';
import { NO_LIMITS } from '#worker/crops/embed-crops';
import type { RunImages } from '#worker/run-images';
import type { RunDeps } from '../run-deps.ts';

/** A crop whose image is written, without its place in the dataset. */
export type CutCrop = Omit<Sample, 'id' | 'index'>;

export interface CropSource {
  readonly sample: AnalysedSample;
  readonly crops: readonly PlannedCrop[];
}

interface CutDeps extends Pick<RunDeps, 'objects'> {
  /** Of the dataset that the crops are cut out of. */
  readonly images: RunImages;
}

/**
 * Cuts the crops out of a sample's image and writes image and thumbnail of each into the folder of their dataset, and not to a
 * LIGHTLY datasource, which could refuse them: the run is beyond the point where it could fail. So it is empty where the
 * image is gone or can't be read any more, or the model is gone that has described it.
 */
export async function cutCrops(
  { sample, crops }: CropSource,
  dataset: Dataset,
  deps: CutDeps,
): Promise<CutCrop[]> {
  const bytes = await deps.images.read(sample);
  const image = bytes && (await unlessAtFault(decodeImage(bytes, NO_LIMITS)));
  if (!image) return [];
  const cut: CutCrop[] = [];
  for (const crop of crops) {
    const png = await pngOf(image, crop);
    const written = png && (await unlessAtFault(writeCrop({ png, crop, parent: sample }, dataset, deps)));
    if (written) cut.push(written);
  }
  return cut;
}

/** Nothing where a retry would only meet the same. */
async function unlessAtFault<T>(made: Promise<T>): Promise<T | undefined> {
  try {
    return await made;
  } catch (error) {
    if (error instanceof RejectedError || error instanceof InvalidInputError) return undefined;
    throw error;
  }
}

/** Without loss: what is cut out of a photograph should not become worse for it. */
async function pngOf(image: StoredImage, { region }: PlannedCrop): Promise<Buffer | undefined> {
  const cut = cutRegion(image, region);
  if (!cut) return undefined;
  const { pixels, width, height } = cut;
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

async function writeCrop(
  { png, crop, parent }: { png: Buffer; crop: PlannedCrop; parent: AnalysedSample },
  dataset: Dataset,
  { images, objects }: CutDeps,
): Promise<CutCrop> {
  const { thumbnailSize } = dataset.settings.ingest;
  const model = await images.model(parent.facts.embeddingModel);
  const { facts, thumbnail } = await analyseImage(
    png,
    { ...NO_LIMITS, thumbnailSize, keepGps: false },
    model,
  );
  const fileName = `${parent.fileName}-${String(crop.index).padStart(3, '0')}.png`;
  const { bucket } = dataset.platformFolder;
  const key = keyWithin(dataset.platformFolder, cropImageName(crop.task, fileName));
  const thumbName = thumbnailName(fileName);
  await objects.put({ bucket, key }, png, { contentType: 'image/png' });
  const thumbnailKey = keyWithin(dataset.platformFolder, thumbName);
  await objects.put({ bucket, key: thumbnailKey }, thumbnail.bytes, { contentType: 'image/webp' });
  const { createdAt, lastModifiedAt, runId } = parent;
  return {
    ...{ datasetId: dataset.id, type: 'CROP', fileName, thumbName, bucket, key, createdAt, lastModifiedAt },
    ...(runId !== undefined && { runId }),
    facts,
    cropData: {
      parentId: parent.id,
      // Versions of predictions are no longer told apart; the protocol ignores it.
      predictionUUIDTimestamp: 0,
      predictionIndex: crop.index,
      predictionTaskName: crop.task,
      predictionTaskCategoryId: crop.categoryId,
      predictionTaskScore: crop.score,
    },
  };
}
