import type { RegisteredRawSample } from '#contracts/items';
import type { Sample } from '#contracts/samples';

/** What a sample has of the file that was judged: where it is, in which version, its thumbnail, and what is written on it. */
export function sourceOf({
  bucket,
  key,
  versionId,
  eTag,
  thumbName,
  thumbIn,
  objectMetadata,
}: RegisteredRawSample): SampleSource {
  return {
    ...{ bucket, key, eTag, thumbName },
    ...(versionId !== undefined && { versionId }),
    ...(thumbIn && { thumbIn }),
    ...(objectMetadata && { objectMetadata }),
  };
}

export type SampleSource = Pick<
  Sample,
  'bucket' | 'key' | 'versionId' | 'eTag' | 'thumbName' | 'thumbIn' | 'objectMetadata'
>;
