import { DatasourceError, InvalidInputError } from '#contracts/errors';
import type { Dataset, RawSample, Run } from '#contracts/items';
import type { DockerConfig } from '#contracts/worker-config';
import type { DatasetImages } from '#platform/datasources/dataset-images';
import type { RelevantLists } from '#platform/datasources/listing/relevant-lists';
import { type OpenDatasourceDeps, openDatasource } from '#platform/datasources/open-datasource';
import { imagesExpiringWithin } from '#platform/given-facts/object-expirations';
import type { RunControl } from './run-control.ts';
import { ofImage } from './run-images.ts';
import { StopRun } from './stop-run.ts';

export interface NarrowCandidatesDeps extends OpenDatasourceDeps {
  readonly relevantLists: Pick<RelevantLists, 'read'>;
  readonly datasetImages: Pick<DatasetImages, 'head'>;
}

interface Narrowed {
  readonly candidates: readonly RawSample[];
  /** Which were left alone and why, for the log. */
  readonly warnings: readonly string[];
}

/**
 * The candidates without those that the worker config has a run leave alone. These stay pending.
 *
 * @throws StopRun where images expire and the config says that the run is to end then
 * @throws InvalidInputError where the list of relevant files is missing or not valid; DatasourceError
 */
export async function narrowCandidates(
  {
    dataset,
    run,
    docker,
    candidates,
  }: {
    readonly dataset: Dataset;
    readonly run: Pick<Run, 'createdAt'>;
    readonly docker: Pick<DockerConfig, 'relevantFilenamesFile' | 'datasource'>;
    readonly candidates: readonly RawSample[];
  },
  deps: NarrowCandidatesDeps,
  control: Pick<RunControl, 'progress'>,
): Promise<Narrowed> {
  const relevant = await relevantOnes(dataset, docker, candidates, deps);
  const others = candidates.length - relevant.length;
  const warnings =
    others > 0
      ? [`${others} of ${candidates.length} images are not in ${docker.relevantFilenamesFile}: left alone.`]
      : [];
  const kept = await withoutExpiring(relevant, { dataset, run, docker }, deps, control);
  return { candidates: kept.candidates, warnings: [...warnings, ...kept.warnings] };
}

async function withoutExpiring(
  candidates: readonly RawSample[],
  {
    dataset,
    run,
    docker,
  }: {
    readonly dataset: Dataset;
    readonly run: Pick<Run, 'createdAt'>;
    readonly docker: Pick<DockerConfig, 'datasource'>;
  },
  { datasetImages }: NarrowCandidatesDeps,
  control: Pick<RunControl, 'progress'>,
): Promise<Narrowed> {
  const { inputExpiration } = docker.datasource;
  if (!inputExpiration) return { candidates, warnings: [] };
  const { minDaysToExpiration: days, handlingStrategy } = inputExpiration;
  const looking = { candidates, at: run.createdAt, onLook: (share: number) => control.progress(share) };
  // Of the newest object of that name: that is what the rules of a bucket are about.
  const expiryOf = async (image: RawSample) => {
    const { bucket, key } = image;
    return (await ofImage(image, () => datasetImages.head(dataset, { bucket, key })))?.expiresAt;
  };
  const expiring = await imagesExpiringWithin(days, looking, expiryOf);
  const [first] = expiring;
  if (!first) return { candidates, warnings: [] };
  const sentence =
    `${expiring.length} images are deleted by the lifecycle of their bucket within ${days} days, the first of them ` +
    `'${first.fileName}' on ${new Date(first.expiresAt).toISOString()}`;
  if (handlingStrategy === 'ABORT') {
    throw new StopRun('ABORTED', `${sentence} (docker.datasource.inputExpiration).`);
  }
  const skipped = new Set(expiring.map(({ fileName }) => fileName));
  const kept = candidates.filter(({ fileName }) => !skipped.has(fileName));
  return { candidates: kept, warnings: [`${sentence}: left alone.`] };
}

async function relevantOnes(
  dataset: Dataset,
  { relevantFilenamesFile: fileName }: Pick<DockerConfig, 'relevantFilenamesFile'>,
  candidates: readonly RawSample[],
  deps: NarrowCandidatesDeps,
): Promise<readonly RawSample[]> {
  if (fileName === undefined) return candidates;
  const openLightly = async () => (await openDatasource(dataset, 'LIGHTLY', deps)).objects;
  try {
    const { isRelevant } = await deps.relevantLists.read(dataset.id, { fileName }, openLightly);
    return candidates.filter(({ fileName: name }) => isRelevant(name));
  } catch (error) {
    if (!(error instanceof InvalidInputError) || error instanceof DatasourceError) throw error;
    throw new InvalidInputError(`docker.relevantFilenamesFile '${fileName}': ${error.message}`, {
      cause: error,
    });
  }
}
