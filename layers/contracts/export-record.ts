import { z } from 'zod';
import { milliseconds, objectId } from './schema.ts';
import { exportFormat, READ_URL_KINDS } from './settings.ts';

/** One format of one run, written. */
export const exportRecord = z.strictObject({
  datasetId: objectId,
  runId: objectId,
  format: exportFormat,
  fileName: z.string(),
  rows: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  sha256: z.string(),
  /** Of the read URLs inside; absent where the format has none, and where nothing else was asked for. */
  readUrls: z.enum(READ_URL_KINDS).exactOptional(),
  /** From when on, and until when, the read URLs inside work; absent where the format has none. */
  readUrlsSignedAt: milliseconds.optional(),
  readUrlsExpireAt: milliseconds.optional(),
  /** Samples of the tag that are not in it because their image is gone, and which: absent where there were none. */
  noLongerAvailable: z
    .strictObject({
      count: z.int().positive(),
      archived: z.int().nonnegative(),
      digest: z.string(),
      fileNames: z.array(z.string()),
    })
    .exactOptional(),
  writtenAt: milliseconds,
});
export type ExportRecord = z.infer<typeof exportRecord>;
