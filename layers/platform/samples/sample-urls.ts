import type { Readable } from 'node:stream';
import { InvalidInputError, NotFoundError, RejectedError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { keyWithin, RESERVED_FOLDER, sampleThumbnailKey } from '#contracts/s3-keys';
import type { Sample } from '#contracts/samples';
import type { DatasetImages } from '../datasources/dataset-images.ts';
import type { DatasourceConnections } from '../datasources/datasource-objects.ts';
import {
  type Datasource,
  type DatasourceStore,
  datasourceOf,
  isConfigured,
} from '../datasources/datasources.ts';
import { checkWritableName } from '../datasources/reserved-writes.ts';
import type { ObjectReference, ObjectStore, ReadUrlSigner, WriteUrlSigner } from '../objects/objects.ts';

interface PlaceDeps {
  readonly datasources: Pick<DatasourceStore, 'get'>;
  readonly buckets: { readonly platform: string };
}
export interface SampleUrlDeps extends PlaceDeps {
  readonly images: Pick<DatasetImages, 'sign'>;
  readonly datasourceConnections: DatasourceConnections;
  readonly readUrls: Pick<ReadUrlSigner, 'sign'>;
  readonly writeUrls: WriteUrlSigner;
  /** ms */
  readonly now: () => number;
}

export const IMAGE_KINDS = ['full', 'thumbnail'] as const;
export type ImageKind = (typeof IMAGE_KINDS)[number];

/** Long enough to begin a transfer, short enough for a URL that got lost. */
const SAMPLE_URL_SECONDS = 60 * 60;

/** Where an object is that Winnow has not seen itself: in its own buckets, or in a datasource that somebody has configured. */
type Place =
  | { readonly object: ObjectReference }
  | { readonly datasource: Datasource; readonly name: string };

/**
 * A URL that reads a sample's image or its thumbnail. An image that Winnow has analysed is read where it has seen it, in
 * the version that it has seen, where there are versions.
 * @throws NotFoundError where the sample has no thumbnail, or its image is in none of the places that the dataset has now;
 * what {@link DatasourceConnections} throws
 */
export async function sampleReadUrl(
  dataset: Dataset,
  sample: Sample,
  kind: ImageKind,
  deps: SampleUrlDeps,
): Promise<string> {
  if (isAnalysed(sample, kind)) {
    const url = await deps.images.sign(dataset, sample, SAMPLE_URL_SECONDS);
    if (url === undefined) throw new NotFoundError('image of sample', sample.id);
    return url;
  }
  const place = await placeOf(dataset, sample, kind, deps);
  if ('object' in place) {
    const signedAt = deps.now();
    return deps.readUrls.sign(place.object, signedAt, signedAt + SAMPLE_URL_SECONDS * 1000);
  }
  const objects = await deps.datasourceConnections.open(place.datasource);
  return objects.signRead('GET', place.name, SAMPLE_URL_SECONDS);
}

/**
 * The bytes of a sample's image; undefined where it is gone, or in an archive. They must be read or destroyed.
 * @throws what {@link DatasourceConnections} throws
 */
export async function openSampleImage(
  dataset: Dataset,
  sample: Sample,
  deps: Pick<SampleUrlDeps, 'datasources' | 'datasourceConnections' | 'buckets'> & {
    readonly images: Pick<DatasetImages, 'open'>;
    readonly objects: Pick<ObjectStore, 'open'>;
  },
): Promise<Readable | undefined> {
  const open = async () => {
    if (isAnalysed(sample, 'full')) return deps.images.open(dataset, { ...sample, eTag: undefined });
    const place = await placeOf(dataset, sample, 'full', deps);
    if ('object' in place) return deps.objects.open(place.object);
    return (await deps.datasourceConnections.open(place.datasource)).open(place.name);
  };
  try {
    return (await open())?.body;
  } catch (error) {
    if (error instanceof RejectedError) return undefined;
    throw error;
  }
}

/**
 * A URL that a sample's image or its thumbnail can be put to.
 * @throws InvalidInputError where the image is in an input datasource, which Winnow only reads, or the thumbnail would
 * be beside `.lightly/`; NotFoundError where the sample has no thumbnail
 */
export async function sampleWriteUrl(
  dataset: Dataset,
  sample: Sample,
  kind: ImageKind,
  deps: SampleUrlDeps,
): Promise<string> {
  if (isAnalysed(sample, kind)) throw inputIsReadOnly(dataset);
  const place = await placeOf(dataset, sample, kind, deps);
  if ('object' in place) {
    return deps.writeUrls.signWrite(place.object, SAMPLE_URL_SECONDS);
  }
  if (kind === 'full') throw inputIsReadOnly(dataset);
  const objects = await deps.datasourceConnections.open({ ...place.datasource, use: 'LIGHTLY' });
  return objects.signWrite(place.name, SAMPLE_URL_SECONDS);
}

/**
 * @param thumbName of the sample that is to be added
 * @throws InvalidInputError where image and thumbnail of it can't be uploaded
 */
export async function checkImagesAreUploaded(
  dataset: Dataset,
  thumbName: string | undefined,
  { datasources }: SampleUrlDeps,
): Promise<void> {
  const stored = await datasources.get(dataset.id);
  if (isConfigured(datasourceOf(dataset, stored, 'INPUT'))) throw inputIsReadOnly(dataset);
  if (thumbName !== undefined && isConfigured(datasourceOf(dataset, stored, 'LIGHTLY'))) {
    checkWritableName(thumbName);
  }
}

const inputIsReadOnly = ({ id }: Dataset): InvalidInputError =>
  new InvalidInputError(
    `The image is in the input datasource of dataset '${id}', which is only read. Put it there yourself.`,
    { apiCode: 'DATASET_DATASOURCE_ILLEGAL_ACTION' },
  );

/** Winnow has seen the image at the very place that the sample names. */
const isAnalysed = ({ facts }: Sample, kind: ImageKind): boolean => kind === 'full' && facts !== undefined;

async function placeOf(dataset: Dataset, sample: Sample, kind: ImageKind, deps: PlaceDeps): Promise<Place> {
  const { bucket, key, versionId, fileName, thumbName, thumbIn, facts } = sample;
  if (kind === 'full') {
    const object = { bucket, key, ...(versionId !== undefined && { versionId }) };
    return (await configuredPlace(dataset, 'INPUT', fileName, deps)) ?? { object };
  }
  if (thumbName === undefined) throw new NotFoundError('thumbnail of sample', sample.id);
  const isOwn = facts !== undefined && thumbName.startsWith(RESERVED_FOLDER);
  const configured =
    isOwn && thumbIn !== 'LIGHTLY' ? undefined : await configuredPlace(dataset, 'LIGHTLY', thumbName, deps);
  if (configured) return configured;
  const { platformFolder } = dataset;
  if (isOwn) return { object: { bucket: platformFolder.bucket, key: keyWithin(platformFolder, thumbName) } };
  return { object: { bucket: deps.buckets.platform, key: sampleThumbnailKey(dataset.id, sample.id) } };
}

async function configuredPlace(
  dataset: Dataset,
  use: 'INPUT' | 'LIGHTLY',
  name: string,
  { datasources }: PlaceDeps,
): Promise<Place | undefined> {
  const datasource = datasourceOf(dataset, await datasources.get(dataset.id), use);
  return isConfigured(datasource) ? { datasource, name } : undefined;
}
