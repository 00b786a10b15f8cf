import { modelNameOf } from '#contracts/embedding-models';
import { NotFoundError } from '#contracts/errors';
import type { RawSample } from '#contracts/items';
import type { Sample } from '#contracts/samples';
import type { RunConfig } from '#contracts/worker-config';
import { datasourceOf, isConfigured } from '#platform/datasources/datasources';
import { runConfigOf } from '#platform/scheduling/run-config';
import { allFacts } from '#platform/snapshots/fact-snapshot';
import { inOneMatrix } from '#platform/snapshots/one-matrix';
import { readGiven } from '#worker/read-given';
import type { RunControl } from '#worker/run-control';
import type { RunInput } from '#worker/run-input';
import { StopRun } from '#worker/stop-run';
import { type Attempt, enterState, stopIfCanceled } from './attempt.ts';
import { loadCheckpoint } from './checkpoint-file.ts';
import type { RunDeps } from './run-deps.ts';

/**
 * Reads the configuration, the candidates and the samples that the dataset has.
 *
 * @throws StopRun where the dataset has samples and the run was not told to use them as its datapool, and where there
 * is nothing to read because the images are elsewhere.
 */
export async function loadInput(attempt: Attempt, deps: RunDeps, control: RunControl): Promise<RunInput> {
  const { dataset, run } = attempt;
  const { configId } = attempt.scheduled;
  await enterState(attempt, 'INITIALIZING', `Reading worker config ${configId}.`, deps);
  const workerConfig = await deps.workerConfigs.get(configId);
  if (!workerConfig) throw new NotFoundError('worker config', configId);
  const config = runConfigOf(workerConfig);
  if (!config.docker.useDatapool && dataset.sampleCount > 0) {
    throw new StopRun(
      'ABORTED',
      `The dataset has ${dataset.sampleCount} samples from earlier runs. A run adds to them only with useDatapool; ` +
        'without it, the dataset must be empty.',
    );
  }
  const { checkpointRunId } = config.docker;
  const checkpoint = checkpointRunId && (await loadCheckpoint(checkpointRunId, run, deps));
  const { processAll } = config.docker.datasource;
  const until = new Date(run.cutoff).toISOString();
  const which = processAll ? 'all images' : 'the images that no run has read,';
  const loading = `Loading ${which} registered until ${until}.${ignoredText(config)}`;
  await enterState(attempt, 'LOADING_DATASET', loading, deps);
  const listed: RawSample[] = [];
  const onFallback = (error: unknown): void =>
    deps.telemetry.log('warn', 'The snapshot of facts can not be read', { datasetId: dataset.id, error });
  const stored = processAll
    ? await allFacts(dataset, { ...deps, onFallback })
    : deps.rawSamples.listPending(dataset.id, run.cutoff);
  for await (const rawSample of stored) {
    stopIfCanceled(attempt);
    if (rawSample.state !== 'deleted' && rawSample.registeredAt <= run.cutoff) listed.push(rawSample);
  }
  const candidates = inOneMatrix(listed);
  Object.assign(attempt, { read: candidates, readsAll: processAll });
  if (candidates.length === 0) await checkWhereImagesAre(attempt, deps);
  const samples: Sample[] = [];
  for await (const sample of deps.samples.range(dataset.id, 0, dataset.sampleCount)) {
    stopIfCanceled(attempt);
    samples.push(sample);
  }
  const read = await readGiven({ dataset, run, config, candidates, samples }, deps, control);
  const embeddingModel = modelNameOf(dataset.settings.ingest.embeddingModel);
  const { nearDuplicates } = dataset.settings;
  return {
    run,
    dataset,
    config,
    embeddingModel,
    samples,
    nearDuplicates,
    ...(checkpoint && { checkpoint }),
    ...read,
  };
}

/** A run that finds nothing, because it looks where nothing ever comes, must not look like one that is done. */
async function checkWhereImagesAre({ dataset }: Attempt, { datasources }: RunDeps): Promise<void> {
  const input = datasourceOf(dataset, await datasources.get(dataset.id), 'INPUT');
  if (!isConfigured(input)) return;
  const { bucket, prefix } = dataset.landingFolder;
  throw new StopRun(
    'ABORTED',
    `The images of this dataset are in '${input.config.fullPath}', and this worker takes images in from the landing ` +
      `bucket only: put them under s3://${bucket}/${prefix}, or let a worker of your own carry out the run.`,
  );
}

const ignoredText = ({ ignored }: RunConfig): string =>
  ignored.length === 0 ? '' : ` This worker does not know, and ignores: ${ignored.join(', ')}.`;
