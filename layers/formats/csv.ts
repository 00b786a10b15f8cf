import { CSV_CONTENT_TYPE, CSV_END_OF_LINE, csvCell } from '#contracts/csv';
import type { Sample } from '#contracts/samples';
import type { ExportRow, ExportWriter } from './export-writer.ts';
import { metadataOf } from './sample-data.ts';
import { shownSizeOf } from './shown-size.ts';

/** Columns in their order. New ones go to the end: readers may count. */
const COLUMNS: Readonly<Record<string, (sample: Sample, row: ExportRow) => string | number | undefined>> = {
  file_name: ({ fileName }) => fileName,
  size_in_bytes: (sample) => metadataOf(sample)?.sizeInBytes,
  format: ({ facts }) => facts?.format,
  width: (sample) => shownSizeOf(sample)?.width,
  height: (sample) => shownSizeOf(sample)?.height,
  luminance: (sample) => metadataOf(sample)?.luminance,
  sharpness: (sample) => metadataOf(sample)?.sharpness,
  snr: (sample) => metadataOf(sample)?.snr,
  uniform_row_ratio: (sample) => metadataOf(sample)?.uniformRowRatio,
  mean_red: (sample) => metadataOf(sample)?.mean?.[0],
  mean_green: (sample) => metadataOf(sample)?.mean?.[1],
  mean_blue: (sample) => metadataOf(sample)?.mean?.[2],
  std_red: (sample) => metadataOf(sample)?.std?.[0],
  std_green: (sample) => metadataOf(sample)?.std?.[1],
  std_blue: (sample) => metadataOf(sample)?.std?.[2],
  capture_time: ({ facts }) => facts?.exif.captureTime,
  camera_make: ({ facts }) => facts?.exif.cameraMake,
  camera_model: ({ facts }) => facts?.exif.cameraModel,
  sha256: ({ facts }) => facts?.sha256,
  perceptual_hash: ({ facts }) => facts?.perceptualHash,
  sample_id: ({ id }) => id,
  sample_index: ({ index }) => index,
  selection_step: ({ selection }) => selection?.step,
  cluster_distance: ({ selection }) => selection?.distance,
  selection_reason: ({ selection }) => selection?.reason,
  group: ({ group }) => group?.id,
  group_representative: ({ group }) => group?.representative,
  split: (_, { split }) => split,
  object_tags: ({ objectMetadata }) => asJson(objectMetadata?.tags),
  object_metadata: ({ objectMetadata }) => asJson(objectMetadata?.metadata),
};

const asJson = (texts: Readonly<Record<string, string>> | undefined): string | undefined =>
  texts && JSON.stringify(texts);

/** A table for people and spreadsheets, one row a sample. */
export const csv: ExportWriter = {
  contentType: CSV_CONTENT_TYPE,
  hasReadUrls: false,
  async *write(rows) {
    yield Object.keys(COLUMNS).join(',') + CSV_END_OF_LINE;
    for await (const row of rows) {
      yield Object.values(COLUMNS)
        .map((read) => csvCell(read(row.sample, row)))
        .join(',') + CSV_END_OF_LINE;
    }
  },
};
