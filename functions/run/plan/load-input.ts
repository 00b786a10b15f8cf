import { modelNameOf } from '#contracts/embedding-models';
import { NotFoundError } from '#contracts/errors';
import type { RunConfig } from '#contracts/worker-config';
import { runConfigOf } from '#platform/scheduling/run-config';
import type { ReadImage } from '#worker/near-duplicates/read-image';
import { readGiven } from '#worker/read-given';
import type { RunControl } from '#worker/run-control';
import type { RunInput } from '#worker/run-input';
import { StopRun } from '#worker/stop-run';
import { type Attempt, enterState, warn } from '../attempt.ts';
import type { RunDeps } from '../run-deps.ts';
import { listCandidates, listRead, listSamples } from './list-images.ts';
import { loadCheckpoint } from './load-checkpoint.ts';

/**
 * Reads the configuration, the candidates and the samples that the dataset has.
 *
 * @throws StopRun where the dataset has samples and the run was not told to use them as its datapool; DatasourceError
 */
export async function loadInput(attempt: Attempt, deps: RunDeps, control: RunControl): Promise<RunInput> {
  const { dataset, run } = attempt;
  const config = await readConfig(attempt, deps);
  const { checkpointRunId } = config.docker;
  const checkpoint = checkpointRunId && (await loadCheckpoint(checkpointRunId, run, deps));
  const { processAll } = config.docker.datasource;
  const until = new Date(run.cutoff).toISOString();
  const which = processAll ? 'all images' : 'the images that no run has read,';
  const loading = `Loading ${which} registered until ${until}.${ignoredText(config)}`;
  await enterState(attempt, 'LOADING_DATASET', loading, deps);
  attempt.readsAll = processAll;
  const candidates = await listCandidates(attempt, deps);
  attempt.read = candidates;
  const samples = await listSamples(attempt, deps);
  const given = await readGiven({ dataset, run, config, candidates, samples }, deps, control);
  const read = await readBefore(attempt, { candidates: given.candidates, samples }, deps);
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
    ...given,
    ...(read.length > 0 && { read }),
  };
}

/** What the candidates are compared with besides the samples, where near-duplicates are looked for. */
async function readBefore(
  attempt: Attempt,
  input: Pick<RunInput, 'candidates' | 'samples'>,
  deps: RunDeps,
): Promise<readonly ReadImage[]> {
  const { mode } = attempt.dataset.settings.nearDuplicates;
  if (mode === 'off' || input.candidates.length === 0) return [];
  const read = await listRead(attempt, input, deps);
  if (!read) {
    warn(
      attempt,
      'Near-duplicates of images that earlier runs have read and not chosen are not looked for: there is no snapshot of ' +
        'their facts. A run with processAll looks at all images.',
    );
  }
  return read ?? [];
}

/** @throws StopRun where the dataset has samples and the run was not told to use them */
async function readConfig(attempt: Attempt, deps: RunDeps): Promise<RunConfig> {
  const { dataset, scheduled } = attempt;
  const { configId } = scheduled;
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
  return config;
}

const ignoredText = ({ ignored }: RunConfig): string =>
  ignored.length === 0 ? '' : ` This worker does not know, and ignores: ${ignored.join(', ')}.`;
