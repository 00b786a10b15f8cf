import { jsonArrayWriter } from './json-array.ts';
import { toSampleData } from './sample-data.ts';

/** The protocol's `LabelStudioTask`: what Label Studio imports as tasks. */
export const labelStudio = jsonArrayWriter(({ sample, readUrl }) => ({
  id: sample.index,
  data: { image: readUrl, lightlyFileName: sample.fileName, lightlyMetaInfo: toSampleData(sample) },
}));
