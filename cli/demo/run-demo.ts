import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset } from '#contracts/items';
import { exportObjectKey, MANIFEST_FILE_NAME } from '#contracts/s3-keys';
import type { SelectionConfig } from '#contracts/selection-config';
import { changeSettings } from '#platform/change-settings';
import { newLandingDataset } from '#platform/datasets';
import { ensureAssembly } from '../../local/assembly.ts';

import { type LocalCloud, startLocalCloud } from '../../local/local-cloud.ts';
import { type PipelineClient, pipelineClient } from '../../local/pipeline-client.ts';
import { describeConnection } from '../../local/usage-text.ts';
import {
  clearOutput,
  collectArchive,
  collectContactSheet,
  collectExports,
  countOutcomes,
  SUMMARY_FILE,
} from './collect.ts';
import { drawPhotos } from './draw-photos.ts';
import { type FoundFile, findImages } from './find-images.ts';
import { say } from './progress.ts';
import { type DemoSummary, printSummary } from './summary.ts';
import { upload } from './upload.ts';
import { watchDelivery, watchIngest, watchRun, watchSchedule } from './watch.ts';

const DATASET = 'demo';
const QUIET_PERIOD_SECONDS = 2;

export interface DemoOptions {
  readonly imagesDirectory?: string;
  readonly selection: SelectionConfig;
  readonly outDirectory: string;
  readonly keep: boolean;
}

/** Runs the whole pipeline in a fresh local cloud and collects what it makes. */
export async function runDemo(options: DemoOptions): Promise<DemoSummary> {
  const scratch = await mkdtemp(join(tmpdir(), 'winnow-demo-'));
  const stopwatch = startStopwatch();
  let cloud: LocalCloud | undefined;
  let client: PipelineClient | undefined;
  try {
    const { images, files } = await photosOf(options, scratch);
    await clearOutput(options.outDirectory);
    stopwatch.restart();
    cloud = await startLocalCloud({
      assembly: await ensureAssembly(),
      stateDirectory: join(scratch, 'cloud'),
    });
    client = pipelineClient(cloud);
    stopwatch.lap('boot');
    say('cloud', `up on this machine, ${cloud.connection.endpoints.s3}`);
    const summary = await flowThrough(cloud, client, { images, files, options }, stopwatch);
    await writeFile(join(options.outDirectory, SUMMARY_FILE), `${JSON.stringify(summary, undefined, 2)}\n`);
    printSummary(summary, options.outDirectory);
    if (options.keep) await stayUp(cloud);
    return summary;
  } finally {
    client?.close();
    await cloud?.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

async function photosOf(options: DemoOptions, scratch: string) {
  const images = options.imagesDirectory ?? join(scratch, 'photos');
  if (options.imagesDirectory === undefined) {
    say('photos', 'drawing a photo set (give your own with --images DIR)');
    await drawPhotos(images);
  }
  const { files, leftOut } = await findImages(images);
  say('photos', `${files.length} files in ${options.imagesDirectory ?? 'the drawn set'}`);
  if (leftOut.length > 0) say('', `left out, no image by its name: ${leftOut.slice(0, 5).join(', ')}`);
  return { images: options.imagesDirectory ?? 'drawn', files };
}

interface Job {
  readonly images: string;
  readonly files: readonly FoundFile[];
  readonly options: DemoOptions;
}

async function flowThrough(
  cloud: LocalCloud,
  client: PipelineClient,
  { images, files, options }: Job,
  stopwatch: Stopwatch,
): Promise<DemoSummary> {
  const dataset = await configureDataset(client, options.selection, files.length);
  await upload(client, DATASET, files);
  stopwatch.lap('upload');
  await watchIngest(cloud, client, dataset, files.length);
  stopwatch.lap('ingest');
  const { id: runId } = await watchSchedule(cloud, client, dataset);
  stopwatch.lap('schedule');
  say('schedule', `run ${runId}`);
  const { messages } = await watchRun(cloud, client, runId);
  stopwatch.lap('run');
  say('run', messages.at(-1)?.message ?? '');
  const manifestKey = exportObjectKey(DATASET, runId, MANIFEST_FILE_NAME);
  const run = await watchDelivery(cloud, client, runId, manifestKey);
  stopwatch.lap('export');
  return {
    images,
    ...(await countOutcomes(client, dataset, runId)),
    dataset: DATASET,
    runId,
    exports: await collectExports(client, dataset, runId, options.outDirectory),
    archive: await collectArchive(client, run, options.outDirectory),
    thumbnails: await collectContactSheet(client, dataset, runId, options.outDirectory),
    seconds: stopwatch.seconds(),
  };
}

/** One run for the whole folder: it is scheduled when all files have been read and a short quiet has passed. */
async function configureDataset(
  client: PipelineClient,
  selection: SelectionConfig,
  minNewImages: number,
): Promise<Dataset> {
  const make = (id: string) => newLandingDataset(id, DATASET, client.buckets, Date.now());
  const document = {
    schedule: { minNewImages, quietPeriodSeconds: QUIET_PERIOD_SECONDS },
    run: { selection },
  };
  await changeSettings({ name: DATASET, document, make }, { datasets: client.datasets });
  return client.datasets.ensure(DATASET, make);
}

async function stayUp(cloud: LocalCloud): Promise<void> {
  console.log(describeConnection(cloud));

  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}

type Step = Exclude<keyof DemoSummary['seconds'], 'total'>;
interface Stopwatch {
  restart(): void;
  lap(step: Step): void;
  seconds(): DemoSummary['seconds'];
}

/** Seconds between laps, to a hundredth; what is drawn or installed before the start does not count. */
function startStopwatch(): Stopwatch {
  let begin = performance.now();
  let lapBegin = begin;
  const seconds: DemoSummary['seconds'] = {
    boot: 0,
    upload: 0,
    ingest: 0,
    schedule: 0,
    run: 0,
    export: 0,
    total: 0,
  };
  const since = (from: number) => Math.round((performance.now() - from) / 10) / 100;
  return {
    restart: () => {
      begin = lapBegin = performance.now();
    },
    lap: (step) => {
      seconds[step] = since(lapBegin);
      lapBegin = performance.now();
    },
    seconds: () => ({ ...seconds, total: since(begin) }),
  };
}
