import type { Run } from '#contracts/items';
import type { DatasetStore } from '../datasets/datasets.ts';
import { livingDataset } from '../datasets/living-dataset.ts';
import type { DatasetImages } from '../datasources/dataset-images.ts';
import { SHORT_URL_SECONDS } from '../objects/short-read-url.ts';
import type { RawSampleStore } from '../samples/raw-samples.ts';

/**
 * URLs that read images of the run's dataset for an hour at most, in the order of the names; null where there is none.
 * They are of the version that was registered last.
 *
 * @throws DatasourceError where the datasource can't be opened
 */
export async function planningImageUrls(
  { datasetId }: Run & { readonly datasetId: string },
  fileNames: readonly string[],
  deps: {
    readonly datasets: Pick<DatasetStore, 'get'>;
    readonly rawSamples: Pick<RawSampleStore, 'getMany'>;
    readonly images: Pick<DatasetImages, 'sign'>;
  },
): Promise<(string | null)[]> {
  const dataset = await livingDataset(datasetId, deps.datasets);
  const found = await deps.rawSamples.getMany(datasetId, fileNames);
  const urls: (string | null)[] = [];
  for (const fileName of fileNames) {
    const image = found.get(fileName);
    const isThere = image !== undefined && image.state !== 'deleted';
    urls.push((isThere && (await deps.images.sign(dataset, image, SHORT_URL_SECONDS))) || null);
  }
  return urls;
}
