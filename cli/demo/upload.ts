import { readFile } from 'node:fs/promises';
import { landingPrefix } from '#contracts/s3-keys';
import type { PipelineClient } from '../../local/pipeline-client.ts';
import type { FoundFile } from './find-images.ts';
import { startProgress } from './progress.ts';

const PARALLEL_UPLOADS = 4;

/** PUTs every file into the landing bucket, as any S3 client would. */
export async function upload(
  client: PipelineClient,
  datasetName: string,
  files: readonly FoundFile[],
): Promise<void> {
  const progress = startProgress('upload', files.length);
  const waiting = [...files];
  let done = 0;
  const work = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      const key = landingPrefix(datasetName) + file.fileName;
      const body = await readFile(file.path);
      await client.objects.put({ bucket: client.buckets.landing, key }, body, {
        contentType: 'application/octet-stream',
      });
      progress.update(++done);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_UPLOADS }, work));
  progress.finish(`${files.length} files`);
}
