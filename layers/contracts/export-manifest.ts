import { z } from 'zod';
import { objectId } from './schema.ts';
import { exportFormat, READ_URL_KINDS } from './settings.ts';

/** ISO 8601 in UTC. */
const moment = z.iso.datetime();

/**
 * `manifest.json` beside the exports of a run: whoever sees it sees every file that it names, whole. In `latest/`, which
 * is refreshed file by file, a file may for a moment be of a newer run than the manifest: its `sha256` tells.
 */
export const exportManifest = z.strictObject({
  dataset: z.string(),
  runId: objectId,
  tag: z.string(),
  /** When the run was completed. */
  created: moment,
  files: z.array(
    z.strictObject({
      format: exportFormat,
      /** Relative to the manifest. */
      file: z.string(),
      rows: z.int().nonnegative(),
      bytes: z.int().nonnegative(),
      sha256: z.string(),
      readUrlsExpireAt: moment.optional(),
    }),
  ),
  /** Samples of the tag that are in no file because their image is gone; absent where there are none. */
  noLongerAvailable: z
    .strictObject({
      count: z.int().positive(),
      /** Of these, those whose image is in an archive: it is there again once it is restored. */
      archived: z.int().nonnegative(),
      /** The first of them: at most 1,000, and 100,000 bytes. */
      files: z.array(z.string()),
    })
    .exactOptional(),
  /** Absent where no file has read URLs. */
  readUrls: z
    .strictObject({
      /** `redirect`: URLs of the API. `signed`: URLs of S3, which end with the credentials that signed them. */
      kind: z.enum(READ_URL_KINDS),
      /** Why they are not of the kind that the dataset's settings ask for, where they are not. */
      reason: z.string().exactOptional(),
      signedAt: moment,
      /** When the first of them stops working. */
      expireAt: moment,
      /** `credentials`: those that signed live shorter than the dataset's settings would allow. */
      limitedBy: z.enum(['setting', 'credentials']),
    })
    .optional(),
});
export type ExportManifest = z.infer<typeof exportManifest>;
