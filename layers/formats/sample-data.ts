import type { ImageMetadata } from '#contracts/image-facts';
import type { Sample } from '#contracts/items';

/** The protocol's `SampleData` of an image. Times are milliseconds. */
export interface SampleData {
  readonly id: string;
  readonly type: 'IMAGE';
  readonly datasetId: string;
  readonly fileName: string;
  readonly thumbName: string;
  readonly exif: Sample['facts']['exif'];
  readonly index: number;
  readonly createdAt: number;
  readonly lastModifiedAt: number;
  readonly metaData: ImageMetadata;
}

/** How a sample looks on the wire. Field by field: the protocol forbids fields that it does not know. */
export function toSampleData({ facts, ...sample }: Sample): SampleData {
  const {
    mean,
    std,
    sumOfValues,
    sumOfSquares,
    snr,
    sharpness,
    sizeInBytes,
    shape,
    luminance,
    uniformRowRatio,
  } = facts.metadata;
  return {
    id: sample.id,
    type: 'IMAGE',
    datasetId: sample.datasetId,
    fileName: sample.fileName,
    thumbName: sample.thumbName,
    exif: facts.exif,
    index: sample.index,
    createdAt: sample.createdAt,
    lastModifiedAt: sample.lastModifiedAt,
    metaData: {
      mean,
      std,
      sumOfValues,
      sumOfSquares,
      snr,
      sharpness,
      sizeInBytes,
      shape,
      luminance,
      uniformRowRatio,
    },
  };
}
