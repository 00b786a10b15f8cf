import pMap from 'p-map';
import type { RawSample } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import type { RunDeps } from './run-deps.ts';

const NAMES_PER_READ = 500;
const CONCURRENT_READS = 8;

/** Raw samples by file name, however many names there are; unknown ones are left out. */
export async function rawSamplesOf(
  datasetId: ObjectId,
  fileNames: readonly string[],
  { rawSamples }: Pick<RunDeps, 'rawSamples'>,
): Promise<Map<string, RawSample>> {
  const chunks = Array.from({ length: Math.ceil(fileNames.length / NAMES_PER_READ) }, (_, at) =>
    fileNames.slice(at * NAMES_PER_READ, (at + 1) * NAMES_PER_READ),
  );
  const found = await pMap(chunks, (names) => rawSamples.getMany(datasetId, names), {
    concurrency: CONCURRENT_READS,
  });
  return new Map(found.flatMap((some) => [...some]));
}
