import { jsonArrayWriter } from './json-array.ts';
import { labelboxGlobalKey } from './labelbox-global-key.ts';

/** The protocol's `LabelBoxV4DataRow`. */
export const labelboxV4 = jsonArrayWriter(({ sample, readUrl }, { dataset }) => ({
  row_data: readUrl,
  global_key: labelboxGlobalKey(dataset, sample.fileName),
  media_type: 'IMAGE',
}));
