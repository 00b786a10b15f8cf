import { DatasourceError } from '#contracts/errors';
import type { Dataset, RawSample, Run } from '#contracts/items';
import type { DatasetStore } from '../datasets/datasets.ts';
import { livingDataset } from '../datasets/living-dataset.ts';
import type { DatasetImages } from '../datasources/dataset-images.ts';
import { type DatasourceStateStore, problemOf } from '../datasources/datasource-states.ts';
import { SHORT_URL_SECONDS } from '../objects/short-read-url.ts';
import type { RunStore } from '../runs/runs.ts';
import type { RawSampleStore } from '../samples/raw-samples.ts';
import { availabilityOf } from '../samples/sample-availability.ts';

export interface ImageUrlDeps {
  readonly datasets: Pick<DatasetStore, 'get'>;
  readonly datasourceStates: Pick<DatasourceStateStore, 'noteProblem'>;
  readonly rawSamples: Pick<RawSampleStore, 'getMany'>;
  readonly runs: Pick<RunStore, 'waitForDatasource'>;
  readonly images: Pick<DatasetImages, 'sign' | 'where'>;
  /** ms */
  readonly now: () => number;
}

/**
 * URLs that read images of the run's dataset for an hour at most, in the order of the names; null where there is none.
 * They are of the version that was registered last.
 *
 * @throws DatasourceError where the datasource can't be opened: the run waits for it then
 */
export async function planningImageUrls(
  run: Run & { readonly datasetId: string },
  fileNames: readonly string[],
  deps: ImageUrlDeps,
): Promise<(string | null)[]> {
  const dataset = await livingDataset(run.datasetId, deps.datasets);
  const found = await deps.rawSamples.getMany(dataset.id, fileNames);
  const urls: (string | null)[] = [];
  for (const fileName of fileNames) {
    const image = found.get(fileName);
    const isThere = image !== undefined && availabilityOf(image).isAvailable;
    urls.push((isThere && (await signed(dataset, image, run, deps))) || null);
  }
  return urls;
}

async function signed(
  dataset: Dataset,
  image: RawSample,
  run: Run,
  { images, datasourceStates, runs, now }: ImageUrlDeps,
): Promise<string | undefined> {
  const { version } = await images.where(dataset);
  try {
    return await images.sign(dataset, image, SHORT_URL_SECONDS);
  } catch (error) {
    if (error instanceof DatasourceError) {
      const asked = { use: 'INPUT', fileName: image.fileName, at: now() } as const;
      await datasourceStates.noteProblem(dataset.id, version, problemOf(error, asked));
      await runs.waitForDatasource(run, error.message, now());
    }
    throw error;
  }
}
