import { jsonArrayWriter } from './json-array.ts';

/** The protocol's `FilenameAndReadUrl`. */
export const filenamesAndReadUrls = jsonArrayWriter(({ sample, readUrl }) => ({
  fileName: sample.fileName,
  readUrl,
}));
