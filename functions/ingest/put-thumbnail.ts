import { createHash } from 'node:crypto';
import { RetryableError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { keyWithin, thumbnailName, thumbnailNameWithExtension } from '#contracts/s3-keys';
import type { WritableObjectStore } from '#platform/objects/objects';

/**
 * Stores the thumbnail of a file and returns its name relative to the dataset's platform folder. Names leave the
 * extension out, so `a.jpg` and `a.png` ask for the same one: each object says in its metadata which file it is
 * of, and a file that finds its name taken by another takes a longer one. A re-uploaded file finds its own.
 */
export async function putThumbnail(
  { dataset, fileName, bytes }: { dataset: Dataset; fileName: string; bytes: Uint8Array },
  platform: WritableObjectStore,
): Promise<string> {
  // Metadata travels in HTTP headers, which can't hold every file name.
  const source = createHash('sha256').update(fileName).digest('hex');
  const options = { contentType: 'image/webp', metadata: { source } };
  const { bucket } = dataset.platformFolder;
  for (const name of [thumbnailName(fileName), thumbnailNameWithExtension(fileName), thumbnailName(source)]) {
    const reference = { bucket, key: keyWithin(dataset.platformFolder, name) };
    if (await platform.putIfAbsent(reference, bytes, options)) return name;
    const present = await platform.head(reference);
    if (present?.metadata.source !== source) continue;
    await platform.put(reference, bytes, options);
    return name;
  }
  throw new RetryableError(
    'THUMBNAIL_NAME_TAKEN',
    'Every name for the thumbnail is taken by another object.',
  );
}
