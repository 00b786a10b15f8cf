import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import pMap from 'p-map';
import { DatasourceError, RejectedError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { RunPlanHeader } from '#contracts/run-plan';
import { keyWithin } from '#contracts/s3-keys';
import { openDatasource } from '#platform/datasources/open-datasource';
import type { Thumbnail } from '#report/document/report-document';
import type { RunDeps } from '../run-deps.ts';

const CONCURRENT_READS = 8;

type ThumbnailName = RunPlanHeader['thumbnails'][number];
type ThumbnailDeps = Pick<
  RunDeps,
  'objects' | 'datasources' | 'datasourceConnections' | 'jpegOf' | 'telemetry'
>;

/**
 * The thumbnails that the reports of a plan show. One that is gone, is no image, or that its datasource refuses, is left
 * out: a report with a gap is better than none.
 */
export async function readThumbnails(
  dataset: Dataset,
  { thumbnails }: Pick<RunPlanHeader, 'thumbnails'>,
  deps: ThumbnailDeps,
): Promise<Map<string, Thumbnail>> {
  const read = async (thumbnail: ThumbnailName): Promise<[string, Thumbnail] | undefined> => {
    const { fileName, thumbName } = thumbnail;
    const stored = await openThumbnail(dataset, thumbnail, deps).catch((error: unknown) => {
      if (!(error instanceof DatasourceError || error instanceof RejectedError)) throw error;
      deps.telemetry.log('warn', 'A thumbnail can not be read', {
        fileName,
        thumbName,
        reason: error.message,
      });
      return undefined;
    });
    if (!stored) return undefined;
    const bytes = await buffer(stored);
    try {
      return [fileName, await deps.jpegOf(bytes)];
    } catch (error) {
      deps.telemetry.log('warn', 'A thumbnail can not be read', {
        fileName,
        thumbName,
        reason: String(error),
      });
      return undefined;
    }
  };
  const found = await pMap(thumbnails, read, { concurrency: CONCURRENT_READS });
  return new Map(found.filter((entry) => entry !== undefined));
}

async function openThumbnail(
  dataset: Dataset,
  { thumbName, thumbIn }: ThumbnailName,
  deps: ThumbnailDeps,
): Promise<Readable | undefined> {
  if (thumbIn === 'LIGHTLY') {
    const { objects } = await openDatasource(dataset, 'LIGHTLY', deps);
    return (await objects.open(thumbName))?.body;
  }
  const { bucket } = dataset.platformFolder;
  return (await deps.objects.open({ bucket, key: keyWithin(dataset.platformFolder, thumbName) }))?.body;
}
