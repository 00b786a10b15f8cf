import { buffer } from 'node:stream/consumers';
import pMap from 'p-map';
import type { Dataset } from '#contracts/items';
import type { RunPlanHeader } from '#contracts/run-plan';
import { keyWithin } from '#contracts/s3-keys';
import type { Thumbnail } from '#report/document/report-document';
import type { RunDeps } from '../run-deps.ts';

const CONCURRENT_READS = 8;

/**
 * The thumbnails that the reports of a plan show. One that is gone, or is no image, is left out: a report with a gap is
 * better than none.
 */
export async function readThumbnails(
  { platformFolder }: Pick<Dataset, 'platformFolder'>,
  { thumbnails }: Pick<RunPlanHeader, 'thumbnails'>,
  { objects, jpegOf, telemetry }: Pick<RunDeps, 'objects' | 'jpegOf' | 'telemetry'>,
): Promise<Map<string, Thumbnail>> {
  const found = await pMap(
    thumbnails,
    async ({ fileName, thumbName }): Promise<[string, Thumbnail] | undefined> => {
      const key = keyWithin(platformFolder, thumbName);
      const stored = await objects.open({ bucket: platformFolder.bucket, key });
      if (!stored) return undefined;
      const bytes = await buffer(stored.body);
      try {
        return [fileName, await jpegOf(bytes)];
      } catch (error) {
        telemetry.log('warn', 'A thumbnail can not be read', { fileName, key, reason: String(error) });
        return undefined;
      }
    },
    { concurrency: CONCURRENT_READS },
  );
  return new Map(found.filter((entry) => entry !== undefined));
}
