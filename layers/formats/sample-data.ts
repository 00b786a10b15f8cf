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
  const metaData = withGroup(metadataOf(sample), sample.group);
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

/** The protocol has no field for groups; `dynamic` is for what computes them. */
function withGroup(metaData: GivenMetadata | undefined, group: Sample['group']): GivenMetadata | undefined {
  if (!group) return metaData;
  const { id, representative } = group;
  return { ...metaData, dynamic: { ...metaData?.dynamic, winnow: { group: id, representative } } };
}

/** What was computed from the image; what a client has said of it stands above that. */
export function metadataOf({ facts, metaData }: Sample): GivenMetadata | undefined {
  return facts || metaData ? { ...facts?.metadata, ...metaData } : undefined;
}
