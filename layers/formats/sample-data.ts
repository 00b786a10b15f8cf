import type { SampleData } from '#contracts/protocol/types.gen';
import type { GivenMetadata, Sample } from '#contracts/samples';

export type { SampleData };

/**
 * The protocol's `SampleData`. Times are milliseconds. Field by field: the protocol forbids fields that it does not
 * know. What a client has said of the image stands above what was computed from it.
 */
export function toSampleData(sample: Sample): SampleData & Required<Pick<SampleData, 'index'>> {
  const { id, type, datasetId, fileName, thumbName, index, createdAt, lastModifiedAt } = sample;
  const { facts, customMetaData, videoFrameData, cropData } = sample;
  const exif = sample.exif ?? facts?.exif;
  const metaData = withOwnWords(metadataOf(sample), sample);
  return {
    id,
    type,
    datasetId,
    fileName,
    ...(thumbName !== undefined && { thumbName }),
    ...(exif && { exif }),
    index,
    createdAt,
    lastModifiedAt,
    ...(metaData && { metaData }),
    ...(customMetaData && { customMetaData }),
    ...(videoFrameData && { videoFrameData }),
    ...(cropData && { cropData }),
  };
}

/** The protocol has no field for groups, nor for what is written on objects; `dynamic` is for what finds these out. */
function withOwnWords(
  metaData: GivenMetadata | undefined,
  { group, objectMetadata: object }: Sample,
): GivenMetadata | undefined {
  if (!group && !object) return metaData;
  const { id, representative } = group ?? {};
  const winnow = { ...(group && { group: id, representative }), ...(object && { object }) };
  return { ...metaData, dynamic: { ...metaData?.dynamic, winnow } };
}

/** What was computed from the image; what a client has said of it stands above that. */
export function metadataOf({ facts, metaData }: Sample): GivenMetadata | undefined {
  return facts || metaData ? { ...facts?.metadata, ...metaData } : undefined;
}
