import type { FilenameAndReadUrl } from '#contracts/protocol/types.gen';
import type { ExportRow } from './export-writer.ts';
import { jsonArrayWriter } from './json-array.ts';

export const filenameAndReadUrl = ({ sample, readUrl }: ExportRow): FilenameAndReadUrl => ({
  fileName: sample.fileName,
  readUrl,
});

/** The protocol's `FilenameAndReadUrl`. */
export const filenamesAndReadUrls = jsonArrayWriter(filenameAndReadUrl);
