import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportObjectKey, MANIFEST_FILE_NAME } from '#contracts/s3-keys';
import type { SelectionConfig } from '#contracts/selection-config';
import { ensureAssembly } from '../../local/assembly.ts';
import { type LocalCloud, startLocalCloud } from '../../local/local-cloud.ts';
import { pipelineClient } from '../../local/pipeline-client.ts';
import { describeConnection } from '../../local/usage-text.ts';
import { listenForInterruption } from '../interruption.ts';
import { collect, countOutcomes } from './collect.ts';
import { configureDataset, DATASET } from './dataset.ts';
import { drawPhotos } from './draw-photos.ts';
import { type FoundFile, type FoundImages, findImages } from './find-images.ts';
import { prepareOutput } from './output-folder.ts';
import { say } from './progress.ts';
import { type Stopwatch, startStopwatch } from './stopwatch.ts';
import { type DemoSummary, describeRepresentation, printSummary, writeSummary } from './summary.ts';
import { upload } from './upload.ts';
import { type Watched, watchDelivery, watchIngest, watchRun, watchSchedule } from './watch.ts';

export interface DemoOptions {
  readonly imagesDirectory?: string;
  readonly selection: SelectionConfig;
  readonly outDirectory: string;
  readonly keep: boolean;
}

/**
 * Runs the whole pipeline in a fresh local cloud and collects what it makes. Whatever happens, nothing that was
 * started or written elsewhere than in the output folder is left behind.
 *
 * @throws InvalidInputError naming the option that is wrong.
 * @throws InterruptedError at Ctrl-C, unless it ended what `keep` had kept.
 */
export async function runDemo(options: DemoOptions): Promise<DemoSummary> {
  const signal = listenForInterruption();
  const scratch = await mkdtemp(join(tmpdir(), 'winnow-demo-'));
  try {
    const job = { ...(await photosOf(options, scratch, signal)), options };
    const stopwatch = startStopwatch();
    const assembly = await ensureAssembly();
    signal.throwIfAborted();
    const cloud = await startLocalCloud({ assembly, stateDirectory: join(scratch, 'cloud') });
    try {
      stopwatch.lap('boot');
      return await demonstrate(cloud, job, stopwatch, signal);
    } finally {
      await cloud.close();
    }
  } catch (error) {
    // What fails because everything is being ended is not what happened.
    throw signal.aborted ? signal.reason : error;
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

interface Job {
  /** As `summary.json` has it. */
  readonly images: string;
  readonly files: readonly FoundFile[];
  readonly options: DemoOptions;
}

async function photosOf(options: DemoOptions, scratch: string, signal: AbortSignal) {
  const { imagesDirectory, outDirectory } = options;
  const directory = imagesDirectory ?? join(scratch, 'photos');
  if (imagesDirectory === undefined) {
    say('photos', 'drawing a photo set (give your own with --images DIR)');
    await drawPhotos(directory, signal);
  }
  const { files, leftOut } = await findImages(directory, outDirectory);
  await prepareOutput(outDirectory, imagesDirectory);
  say('photos', `${files.length} files in ${imagesDirectory ?? 'the drawn set'}`);
  sayLeftOut(leftOut);
  return { images: imagesDirectory ?? 'drawn', files };
}

const MOST_NAMED = 3;
function sayLeftOut(leftOut: FoundImages['leftOut']): void {
  for (const [reason, files = []] of Object.entries(Object.groupBy(leftOut, (file) => file.reason))) {
    // A name may hold what a terminal would obey.
    const shown = files.slice(0, MOST_NAMED).map(({ fileName }) => fileName.replace(/\p{Cc}/gu, '?'));
    const more = files.length > MOST_NAMED ? ', …' : '';
    say('', `left out ${files.length} ${reason}: ${shown.join(', ')}${more}`);
  }
}

async function demonstrate(
  cloud: LocalCloud,
  job: Job,
  stopwatch: Stopwatch,
  signal: AbortSignal,
): Promise<DemoSummary> {
  say('cloud', `up on this machine, ${cloud.connection.endpoints.s3}`);
  const client = pipelineClient(cloud);
  try {
    const { summary, note } = await flowThrough({ cloud, client, signal }, job, stopwatch);
    await writeSummary(summary, job.options.outDirectory);
    printSummary(summary, job.options.outDirectory);
    if (note !== undefined) console.log(`\n${note}`);
    if (job.options.keep) {
      console.log(`\n${describeConnection(cloud, 'Ctrl-C ends it and removes its state.')}`);
      if (!signal.aborted) await once(signal, 'abort');
    }
    return summary;
  } finally {
    client.close();
  }
}

async function flowThrough(watched: Watched, { images, files, options }: Job, stopwatch: Stopwatch) {
  const { client, signal } = watched;
  const dataset = await configureDataset(client, options.selection, files.length);
  await upload(client, files, signal);
  stopwatch.lap('upload');
  await watchIngest(watched, dataset, files.length);
  stopwatch.lap('ingest');
  const { id: runId } = await watchSchedule(watched, dataset);
  stopwatch.lap('schedule');
  say('schedule', `run ${runId}`);
  const { messages } = await watchRun(watched, runId);
  stopwatch.lap('run');
  say('run', messages.at(-1)?.message ?? '');
  const run = await watchDelivery(watched, runId, exportObjectKey(DATASET, runId, MANIFEST_FILE_NAME));
  stopwatch.lap('export');
  const { readableNames, ...counts } = await countOutcomes(client, dataset, runId);
  const { selectedNames, ...places } = await collect(client, dataset, run, options.outDirectory);
  const summary: DemoSummary = {
    images,
    ...counts,
    dataset: DATASET,
    runId,
    ...places,
    seconds: stopwatch.seconds(),
  };
  return { summary, note: describeRepresentation(readableNames, selectedNames) };
}
