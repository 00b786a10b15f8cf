import { jsonArrayWriter } from './json-array.ts';

/** The protocol's `LabelBoxDataRow`, for Labelbox's older import. */
export const labelboxV3 = jsonArrayWriter(({ sample, readUrl }) => ({
  externalId: sample.fileName,
  imageUrl: readUrl,
}));
