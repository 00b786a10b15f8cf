import type { Readable } from 'node:stream';
import type { Dataset } from '#contracts/items';
import { keptForSeconds } from '../kept-for-seconds.ts';
import type { DatasourceConnections, DescribedFile, ReadableDatasource } from './datasource-objects.ts';
import {
  type Datasource,
  type DatasourceStore,
  type DatasourceUse,
  datasourceOf,
  type VersionedDatasource,
} from './datasources.ts';

/**
 * An image as the registry knows it: by where it is, for a sample may have got another name since. Without a version it is
 * meant while its eTag is this one.
 */
export interface ImageReference {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string | undefined;
  readonly eTag?: string | undefined;
}

/**
 * The images of datasets, wherever they are: in the landing bucket, with Winnow's own rights, or in the INPUT datasource
 * of the dataset, with those that its owner lends. What Winnow has cut out of images is in the platform folder of the
 * dataset of crops. They are only ever read. Throws what {@link ReadableDatasource} does.
 */
export interface DatasetImages {
  /**
   * Where the dataset's images are, or with LIGHTLY what is made of them, as it was known some seconds ago or is `now`.
   * Nothing is opened.
   */
  where(dataset: Dataset, use?: DatasourceUse, when?: 'now'): Promise<VersionedDatasource>;
  /** Where the dataset's images are now. */
  of(dataset: Dataset): Promise<{ readonly datasource: Datasource; readonly objects: ReadableDatasource }>;
  /**
   * The very version that is referred to. Undefined where it is gone, or is in none of the places that the dataset has
   * now. The body must be read or destroyed.
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

/** Images of datasets through their datasources, which are looked up every few seconds at most. */
export function datasetImages({ datasources, datasourceConnections, now }: DatasetImagesDeps): DatasetImages {
  const storedOf = keptForSeconds((datasetId) => datasources.get(datasetId), now);
  const opened = async (datasource: Datasource) => ({
    datasource,
    objects: await datasourceConnections.open(datasource),
  });
  const where: DatasetImages['where'] = async (dataset, use = 'INPUT', when = undefined) =>
    datasourceOf(dataset, await storedOf(dataset.id, when), use);
  const of = async (dataset: Dataset) => opened(await where(dataset));
  const placeOf = async (dataset: Dataset, image: ImageReference): Promise<Place | undefined> => {
    const own = ownDatasources(dataset).find(({ place }) => isIn(place, image));
    const datasource = own ?? (await where(dataset));
    if (!isIn(datasource.place, image)) return undefined;
    const { objects } = await opened(datasource);
    return { objects, name: image.key.slice(datasource.place.prefix.length) };
  };
  return {
    where,
    of,
    open: async (dataset, image) => {
      const place = await placeOf(dataset, image);
      return place?.objects.open(place.name, versionOf(image));
    },
    head: async (dataset, image) => {
      const place = await placeOf(dataset, image);
      return place?.objects.head(place.name, versionOf(image));
    },
    sign: async (dataset, image, seconds) => {
      const place = await placeOf(dataset, image);
      return place?.objects.signRead('GET', place.name, seconds, versionOf(image));
    },
  };
}

interface Place {
  readonly objects: ReadableDatasource;
  /** Relative to the datasource. */
  readonly name: string;
}

/** Winnow's own places of images, both to be read only. */
const ownDatasources = (dataset: Dataset): Datasource[] => [
  datasourceOf(dataset, undefined, 'INPUT'),
  { ...datasourceOf(dataset, undefined, 'LIGHTLY'), use: 'INPUT' },
];

/** True where an image is in a place. */
export const isIn = (
  place: Datasource['place'],
  { bucket, key }: Pick<ImageReference, 'bucket' | 'key'>,
): boolean => place.bucket === bucket && key.startsWith(place.prefix);

const versionOf = ({ versionId, eTag }: ImageReference) => ({ versionId, eTag });
