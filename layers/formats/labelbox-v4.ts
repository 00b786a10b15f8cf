import type { LabelBoxV4DataRow } from '#contracts/protocol/types.gen';
import type { SplitSide } from '#contracts/settings';
import type { ExportHeader, ExportRow } from './export-writer.ts';
import { jsonArrayWriter } from './json-array.ts';
import { labelboxGlobalKey } from './labelbox-global-key.ts';

/** Labelbox's metadata of a data row; every organisation has a field `split` with these three values. */
interface MetadataField {
  readonly name: string;
  readonly value: string;
}
const LABELBOX_SIDES: Readonly<Record<SplitSide, string>> = {
  train: 'train',
  validation: 'valid',
  test: 'test',
};

/** The global key is made of the file's name whatever else a row calls it: it is what Labelbox knows an image by. */
export const labelboxV4Row = (
  { sample, readUrl, split }: ExportRow,
  { dataset }: Pick<ExportHeader, 'dataset'>,
): LabelBoxV4DataRow & { metadata_fields?: readonly MetadataField[] } => ({
  row_data: readUrl,
  global_key: labelboxGlobalKey(dataset, sample.fileName),
  media_type: 'IMAGE',
  ...(split && { metadata_fields: [{ name: 'split', value: LABELBOX_SIDES[split] }] }),
});

/** The protocol's `LabelBoxV4DataRow`. */
export const labelboxV4 = jsonArrayWriter(labelboxV4Row);
