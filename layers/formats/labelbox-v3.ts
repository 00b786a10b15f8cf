import type { LabelBoxDataRow } from '#contracts/protocol/types.gen';
import type { ExportRow } from './export-writer.ts';
import { jsonArrayWriter } from './json-array.ts';

export const labelboxV3Row = ({ sample, readUrl, fileName }: ExportRow): LabelBoxDataRow => ({
  externalId: fileName ?? sample.fileName,
  imageUrl: readUrl,
});

/** The protocol's `LabelBoxDataRow`, for Labelbox's older import. */
export const labelboxV3 = jsonArrayWriter(labelboxV3Row);
