import type { Dataset } from '#contracts/items';
import type { AccessTarget } from './access-target.ts';
import { type BucketOptions, type DelegatedBucket, delegatedBucket, PREFIX } from './delegated-bucket.ts';
import { finishedSync } from './finished-sync.ts';
import { addPhoto } from './photographed-dataset.ts';
import { newDataset, type RunWorld } from './run-world.ts';

/** A dataset whose photos are in a bucket that somebody lends for reading and writing. */
export async function lentDataset(
  world: RunWorld,
  target: AccessTarget,
  photos: number,
  options: BucketOptions = {},
): Promise<{ readonly bucket: DelegatedBucket; readonly dataset: Dataset }> {
  const bucket = await delegatedBucket(target, { purpose: 'INPUT_OUTPUT', ...options });
  const dataset = await newDataset(world);
  const { config } = bucket.datasource();
  const stored = { datasetId: dataset.id, version: 1, configs: [config], lastModifiedAt: world.now() };
  await world.datasources.replace(stored);
  await world.syncs.replace(finishedSync(dataset, stored, { at: world.now() }));
  for (let scene = 0; scene < photos; scene++) await putPhoto(world, dataset, bucket, `${scene}.jpg`, scene);
  return { bucket, dataset };
}

/** Puts a photo into the bucket, and registers the version that it is there. */
export const putPhoto = (
  world: RunWorld,
  dataset: Dataset,
  bucket: DelegatedBucket,
  fileName: string,
  scene: number,
): Promise<void> =>
  addPhoto(world, dataset, fileName, scene, async (name, Body) => {
    const { ETag = '', VersionId } = await bucket.put(name, { Body });
    const place = { bucket: bucket.name, key: PREFIX + name, eTag: ETag.replaceAll('"', '') };
    return { ...place, ...(VersionId !== undefined && { versionId: VersionId }) };
  });
