import type { Dataset, RawSample } from '#contracts/items';
import { analysed } from './analysed-images.ts';
import { photo } from './photos.ts';
import { addImage, newDataset, type RunWorld } from './run-world.ts';

/** A dataset whose images are really there: drawn photos, as ingest registers them. */
export async function datasetWithPhotos(world: RunWorld, count: number): Promise<Dataset> {
  const dataset = await newDataset(world);
  for (let scene = 0; scene < count; scene++) await addPhoto(world, dataset, `${scene}.jpg`, scene);
  return dataset;
}

/** The same scene is the same photo. */
export async function addPhoto(
  world: RunWorld,
  dataset: Dataset,
  fileName: string,
  scene: number,
  put: PutPhoto = intoLanding(world, dataset),
): Promise<void> {
  const { bytes, facts } = await analysedPhoto(scene);
  const stored = await put(fileName, bytes);
  await addImage(world, dataset, fileName, scene, { facts, ...stored });
}

/** Puts a photo where it is to be, and says where that is. */
export type PutPhoto = (fileName: string, bytes: Uint8Array) => Promise<PlacedPhoto>;
type PlacedPhoto = Pick<RawSample, 'bucket' | 'key' | 'eTag' | 'versionId'>;

const intoLanding =
  ({ objects }: RunWorld, { landingFolder: { bucket, prefix } }: Dataset): PutPhoto =>
  async (fileName, bytes) => {
    const place = { bucket, key: prefix + fileName };
    await objects.put(place, bytes, { contentType: 'image/jpeg' });
    return { ...place, eTag: (await objects.head(place))?.eTag ?? '' };
  };

const analysedPhotos = new Map<number, ReturnType<typeof analysePhoto>>();

/** Drawn and analysed once for all tests of a file. */
function analysedPhoto(scene: number): ReturnType<typeof analysePhoto> {
  const known = analysedPhotos.get(scene) ?? analysePhoto(scene);
  analysedPhotos.set(scene, known);
  return known;
}

async function analysePhoto(scene: number) {
  const bytes = await photo(scene);
  return { bytes, facts: (await analysed(bytes)).facts };
}
