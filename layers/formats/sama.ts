import { jsonArrayWriter } from './json-array.ts';
import { toSampleData } from './sample-data.ts';

/** The protocol's `SamaTask`. Sama's inputs are flat, so the sample's data is JSON inside a string. */
export const sama = jsonArrayWriter(({ sample, readUrl }) => ({
  data: {
    id: sample.index,
    url: readUrl,
    lightlyFileName: sample.fileName,
    lightlyMetaInfo: JSON.stringify(toSampleData(sample)),
  },
}));
