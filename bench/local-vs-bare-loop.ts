import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { landingPrefix } from '#contracts/s3-keys';
import { changeSettings } from '#platform/datasets/change-settings';
import { newLandingDataset } from '#platform/datasets/datasets';
import { checkSelectionConfig } from '#selection/select';
import type { FoundFile } from '../cli/demo/find-images.ts';
import { ensureAssembly } from '../local/assembly.ts';
import { type LocalCloud, startLocalCloud } from '../local/local-cloud.ts';
import { type PipelineClient, pipelineClient } from '../local/pipeline-client.ts';
import { type Figure, figureOf } from './figure.ts';
import { photoFiles } from './photo-files.ts';

const CORES = 2;
const ROUNDS = 5;
const PHOTOS_PER_ROUND = 180;
const PARALLEL_UPLOADS = 4;

/** With photos of 1,920 × 1,280 pixels, as cameras send them. */
export const localVsBareLoop = (): Promise<Figure> => compare('local-vs-bare-loop', 1920);

/** With photos of 640 × 427 pixels, where the requests around the imaging weigh most. */
export const localVsBareLoopSmall = (): Promise<Figure> => compare('local-vs-bare-loop-small', 640);

/**
 * Images per second of the local cloud, from the first PUT to the last registration, versus two processes that
 * only read the files and do the same imaging work. Both are warm; the rounds alternate.
 *
 * @param width of the photos in pixels
 */
async function compare(name: string, width: number): Promise<Figure> {
  const scratch = await mkdtemp(join(tmpdir(), 'winnow-bench-'));
  const photos = await photoFiles(scratch, width);
  const files = Array.from(
    { length: PHOTOS_PER_ROUND },
    (_, index) => photos[index % photos.length] as FoundFile,
  );
  const cloud = await startLocalCloud({ assembly: await ensureAssembly() });
  const client = pipelineClient(cloud);
  const bareLoop = startBareLoop(files.map(({ path }) => path));
  try {
    const ratios: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const bareSeconds = await bareLoop.run();
      const localSeconds = await throughLocalCloud(cloud, client, `bench-${round}`, files);
      // The first round warms both sides up.
      if (round > 0) ratios.push(bareSeconds / localSeconds);
    }
    return figureOf(name, '>= 0.6', ratios);
  } finally {
    bareLoop.stop();
    client.close();
    await cloud.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

function startBareLoop(files: readonly string[]) {
  const children = Array.from({ length: CORES }, () =>
    fork(new URL('./bare-loop-process.ts', import.meta.url), { execArgv: [] }),
  );
  return {
    run: async () => {
      const begin = performance.now();
      await Promise.all(
        children.map((child, core) => {
          child.send(files.filter((_, index) => index % CORES === core));
          return once(child, 'message');
        }),
      );
      return (performance.now() - begin) / 1000;
    },
    stop: () => {
      for (const child of children) child.kill();
    },
  };
}

async function throughLocalCloud(
  cloud: LocalCloud,
  client: PipelineClient,
  name: string,
  files: readonly FoundFile[],
) {
  const make = (id: string) => newLandingDataset(id, name, client.buckets, Date.now());
  // No run: only the imaging work is compared.
  const document = { schedule: { minNewImages: 1_000_000 } };
  await changeSettings(
    { name, document, make },
    { datasets: client.datasets, checkSelection: checkSelectionConfig },
  );
  const dataset = await client.datasets.ensure(name, make);
  const begin = performance.now();
  const waiting = files.map(({ path }, index) => ({ path, key: `${landingPrefix(name)}${index}.jpg` }));
  const put = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      const reference = { bucket: client.buckets.landing, key: file.key };
      await client.objects.put(reference, await readFile(file.path), { contentType: 'image/jpeg' });
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_UPLOADS }, put));
  // Asking the table all the time would take processor time from what is measured.
  await cloud.idle(['ingest']);
  const seconds = (performance.now() - begin) / 1000;
  const registered = await client.rawSamples.countPending(dataset.id, files.length);
  if (registered < files.length) throw new Error(`Only ${registered} of ${files.length} were registered`);
  return seconds;
}
