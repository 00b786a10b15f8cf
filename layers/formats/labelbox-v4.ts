import type { LabelBoxV4DataRow } from '#contracts/protocol/types.gen';
import type { ExportHeader, ExportRow } from './export-writer.ts';
import { jsonArrayWriter } from './json-array.ts';
import { labelboxGlobalKey } from './labelbox-global-key.ts';

/** The global key is made of the file's name whatever else a row calls it: it is what Labelbox knows an image by. */
export const labelboxV4Row = (
  { sample, readUrl }: ExportRow,
  { dataset }: Pick<ExportHeader, 'dataset'>,
): LabelBoxV4DataRow => ({
  row_data: readUrl,
  global_key: labelboxGlobalKey(dataset, sample.fileName),
  media_type: 'IMAGE',
});

/** The protocol's `LabelBoxV4DataRow`. */
export const labelboxV4 = jsonArrayWriter(labelboxV4Row);
