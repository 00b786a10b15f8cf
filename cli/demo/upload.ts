import { readFile } from 'node:fs/promises';
import { InvalidInputError } from '#contracts/errors';
import { landingPrefix } from '#contracts/s3-keys';
import type { PipelineClient } from '../../local/pipeline-client.ts';
import { DATASET } from './dataset.ts';
import type { FoundFile } from './find-images.ts';
import { withProgress } from './progress.ts';

const PARALLEL_UPLOADS = 4;

/**
 * PUTs every file into the landing bucket, as any S3 client would.
 *
 * @throws InvalidInputError where a file can't be read.
 */
export async function upload(
  client: PipelineClient,
  files: readonly FoundFile[],
  signal: AbortSignal,
): Promise<void> {
  await withProgress('upload', files.length, async (update) => {
    let started = 0;
    let done = 0;
    const work = async () => {
      for (let file = files[started++]; file; file = files[started++]) {
        signal.throwIfAborted();
        const key = landingPrefix(DATASET) + file.fileName;
        await client.objects.put({ bucket: client.buckets.landing, key }, await read(file), {
          contentType: 'application/octet-stream',
        });
        update(++done);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL_UPLOADS }, work));
    return `${files.length} files`;
  });
}

const read = ({ path }: FoundFile): Promise<Buffer> =>
  readFile(path).catch((cause) => {
    throw new InvalidInputError(`--images: the file '${path}' can't be read (${cause.code}).`, { cause });
  });
