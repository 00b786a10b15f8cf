import pLimit from 'p-limit';
import pMap from 'p-map';
import { RejectedError } from '#contracts/errors';
import { type ImageFacts, uprightSizeOf } from '#contracts/image-facts';
import { decodeImage } from '#imaging/decode-image';
import { embedRegions } from '#imaging/embed-regions';
import type { EmbeddingModel } from '#imaging/embedding-model';
import type { RunControl } from '../run-control.ts';
import type { ImageReference } from '../run-images.ts';
import type { CropTask } from './crop-tasks.ts';

export type AnalysedReference = ImageReference & { readonly facts: ImageFacts };

/** Embeddings of an image's regions by task, in order; a task that has none in the image is absent. */
export type CropEmbeddings = Readonly<Record<string, readonly Float32Array[]>>;

/** Downloads that are under way; one image at a time is decoded, whose pixels take most of the memory. */
const CONCURRENT_READS = 4;
/** These images were within the limits of their dataset when they arrived. */
export const NO_LIMITS = { maxBytes: Number.MAX_SAFE_INTEGER, maxPixels: Number.MAX_SAFE_INTEGER };

/**
 * Reads images again and embeds their regions, with one decode for all of an image. Images without regions are not
 * read. One that has vanished or can't be read has no crops, which is told in a warning.
 *
 * @returns by file name
 */
export async function embedCrops(
  images: readonly AnalysedReference[],
  tasks: readonly CropTask[],
  model: EmbeddingModel,
  control: RunControl,
): Promise<ReadonlyMap<string, CropEmbeddings>> {
  const embedded = new Map<string, CropEmbeddings>();
  const unread: string[] = [];
  const decoder = pLimit(1);
  let done = 0;
  await pMap(
    images,
    async (image) => {
      control.stopIfCanceled();
      const wanted = regionsByTask(image, tasks);
      if (wanted.length > 0) {
        const bytes = await control.images.read(image);
        const crops = bytes && (await decoder(() => embedWanted(bytes, wanted, model)));
        if (crops) embedded.set(image.fileName, crops);
        else unread.push(image.fileName);
      }
      done += 1;
      await control.progress(done / images.length);
    },
    { concurrency: CONCURRENT_READS },
  );
  if (unread.length > 0) control.warn(unreadWarning(unread, 'have no object crops'));
  return embedded;
}

/** Names that a warning gives as examples. */
const NAMES_TOLD = 3;

/** One sentence on images that could not be read again. */
function unreadWarning(fileNames: readonly string[], consequence: string): string {
  const examples = fileNames.toSorted().slice(0, NAMES_TOLD).join(', ');
  return `${fileNames.length} images are not there any more or can't be read, and ${consequence}: ${examples}${
    fileNames.length > NAMES_TOLD ? ' …' : '.'
  }`;
}

type Wanted = readonly { readonly name: string; readonly regions: ReturnType<CropTask['regionsOf']> }[];

function regionsByTask({ fileName, facts }: AnalysedReference, tasks: readonly CropTask[]): Wanted {
  const size = uprightSizeOf(facts);
  return tasks
    .map(({ name, regionsOf }) => ({ name, regions: regionsOf(fileName, size) }))
    .filter(({ regions }) => regions.length > 0);
}

/** Undefined where the bytes can't be read as an image. */
async function embedWanted(
  bytes: Uint8Array,
  wanted: Wanted,
  model: EmbeddingModel,
): Promise<CropEmbeddings | undefined> {
  try {
    const image = await decodeImage(bytes, NO_LIMITS);
    const crops: [string, readonly Float32Array[]][] = [];
    for (const { name, regions } of wanted) {
      const boxes = regions.map(({ region }) => region);
      const vectors = (await embedRegions(image, boxes, model)).filter((vector) => vector !== undefined);
      if (vectors.length > 0) crops.push([name, vectors]);
    }
    // A task may be called `__proto__`, which assigning would not define.
    return Object.fromEntries(crops);
  } catch (error) {
    if (error instanceof RejectedError) return undefined;
    throw error;
  }
}
