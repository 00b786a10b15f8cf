import type { Readable } from 'node:stream';
import type { Dataset } from '#contracts/items';
import type { DatasourceConnections, DescribedFile, ReadableDatasource } from './datasource-objects.ts';
import { type Datasource, type DatasourceStore, datasourceOf } from './datasources.ts';

/** An image as the registry knows it. Without a version it is meant while its eTag is this one. */
export interface ImageReference {
  /** Relative to the datasource. */
  readonly fileName: string;
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string | undefined;
  readonly eTag?: string | undefined;
}

/**
 * The images of datasets, wherever they are: in the landing bucket, with Winnow's own rights, or in the INPUT datasource
 * of the dataset, with those that its owner lends. They are only ever read. Throws what {@link ReadableDatasource} does.
 */
export interface DatasetImages {
  /** Where the dataset's images are now. */
  of(dataset: Dataset): Promise<{ readonly datasource: Datasource; readonly objects: ReadableDatasource }>;
  /**
   * The very version that is referred to. Undefined where it is gone, or is neither in the landing folder nor in the
   * datasource that the dataset has now. The body must be read or destroyed.
   */
  open(
    dataset: Dataset,
    image: ImageReference,
  ): Promise<(DescribedFile & { readonly body: Readable }) | undefined>;
  head(dataset: Dataset, image: ImageReference): Promise<DescribedFile | undefined>;
  /** A URL that reads it for at most `seconds`. Undefined where {@link open} would find it nowhere. */
  sign(dataset: Dataset, image: ImageReference, seconds: number): Promise<string | undefined>;
}

export interface DatasetImagesDeps {
  readonly datasources: Pick<DatasourceStore, 'get'>;
  readonly datasourceConnections: DatasourceConnections;
  /** ms */
  readonly now: () => number;
}

/** How long (ms) a change of a datasource may take to reach a process. */
const MOST_AGE_MS = 5_000;
/** More datasets than one process sees in that time. */
const MOST_KEPT = 1_000;

/** Images of datasets through their datasources, which are looked up every few seconds at most. */
export function datasetImages({ datasources, datasourceConnections, now }: DatasetImagesDeps): DatasetImages {
  const known = new Map<
    string,
    { readonly stored: ReturnType<DatasourceStore['get']>; readonly at: number }
  >();
  const storedOf = (datasetId: string) => {
    const entry = known.get(datasetId);
    if (entry && now() - entry.at < MOST_AGE_MS) return entry.stored;
    if (known.size >= MOST_KEPT) known.clear();
    const stored = datasources.get(datasetId);
    known.set(datasetId, { stored, at: now() });
    stored.catch(() => known.delete(datasetId));
    return stored;
  };
  const opened = async (datasource: Datasource) => ({
    datasource,
    objects: await datasourceConnections.open(datasource),
  });
  const of = async (dataset: Dataset) => opened(datasourceOf(dataset, await storedOf(dataset.id), 'INPUT'));
  const holderOf = async (
    dataset: Dataset,
    image: ImageReference,
  ): Promise<ReadableDatasource | undefined> => {
    const landing = datasourceOf(dataset, undefined, 'INPUT');
    if (isIn(landing, image)) return (await opened(landing)).objects;
    const current = datasourceOf(dataset, await storedOf(dataset.id), 'INPUT');
    return isIn(current, image) ? (await opened(current)).objects : undefined;
  };
  return {
    of,
    open: async (dataset, image) => (await holderOf(dataset, image))?.open(image.fileName, versionOf(image)),
    head: async (dataset, image) => (await holderOf(dataset, image))?.head(image.fileName, versionOf(image)),
    sign: async (dataset, image, seconds) =>
      (await holderOf(dataset, image))?.signRead('GET', image.fileName, seconds, versionOf(image)),
  };
}

const isIn = ({ place }: Datasource, { bucket, key, fileName }: ImageReference): boolean =>
  place.bucket === bucket && key === place.prefix + fileName;

const versionOf = ({ versionId, eTag }: ImageReference) => ({ versionId, eTag });
