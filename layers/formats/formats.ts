import type { ExportFormat } from '#contracts/settings';
import { coco } from './coco.ts';
import { csv } from './csv.ts';
import type { ExportWriter } from './export-writer.ts';
import { filenames, filenamesOf } from './filenames.ts';
import { filenamesAndReadUrls } from './filenames-and-read-urls.ts';
import { labelStudio } from './label-studio.ts';
import { labelboxV3 } from './labelbox-v3.ts';
import { labelboxV4 } from './labelbox-v4.ts';
import { sama } from './sama.ts';

export type { ExportHeader, ExportRow, ExportWriter } from './export-writer.ts';
export { onOneLine } from './filenames.ts';
export { filenameAndReadUrl } from './filenames-and-read-urls.ts';
export { labelStudioTask } from './label-studio.ts';
export { labelboxV3Row } from './labelbox-v3.ts';
export { labelboxV4Row } from './labelbox-v4.ts';
export { samaTask } from './sama.ts';
export { type SampleData, toSampleData } from './sample-data.ts';

/** How each format is written; docs/exports.md shows what comes out. */
export const EXPORT_WRITERS: Readonly<Record<ExportFormat, ExportWriter>> = {
  'label-studio': labelStudio,
  'labelbox-v3': labelboxV3,
  'labelbox-v4': labelboxV4,
  sama,
  filenames,
  'filenames-train': filenamesOf('train'),
  'filenames-validation': filenamesOf('validation'),
  'filenames-test': filenamesOf('test'),
  'filenames-and-read-urls': filenamesAndReadUrls,
  coco,
  csv,
};
