import type { Readable } from 'node:stream';
import { InvalidInputError, NotFoundError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { keyWithin, RESERVED_FOLDER, sampleThumbnailKey } from '#contracts/s3-keys';
import type { Sample } from '#contracts/samples';
import type { DatasourceConnections } from '../datasources/datasource-objects.ts';
import {
  type Datasource,
  type DatasourceStore,
  datasourceOf,
  isConfigured,
} from '../datasources/datasources.ts';
import type { ObjectReference, ObjectStore, ReadUrlSigner, WriteUrlSigner } from '../objects/objects.ts';

interface PlaceDeps {
  readonly datasources: Pick<DatasourceStore, 'get'>;
  readonly buckets: { readonly platform: string };
}
export interface SampleUrlDeps extends PlaceDeps {
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

/** Where an object is: in buckets of Winnow's, or in a datasource that the dataset's owner has configured. */
type Place =
  | { readonly object: ObjectReference; readonly isInput: boolean }
  | { readonly datasource: Datasource; readonly name: string };

/**
 * A URL that reads a sample's image or its thumbnail.
 * @throws NotFoundError where the sample has no thumbnail; what {@link DatasourceConnections} throws
 */
export async function sampleReadUrl(
  dataset: Dataset,
  sample: Sample,
  kind: ImageKind,
  deps: SampleUrlDeps,
): Promise<string> {
  const place = await placeOf(dataset, sample, kind, deps);
  if ('object' in place) {
    const signedAt = deps.now();
    return deps.readUrls.sign(place.object, signedAt, signedAt + SAMPLE_URL_SECONDS * 1000);
  }
  const objects = await deps.datasourceConnections.open(place.datasource);
  return objects.signRead('GET', place.name, SAMPLE_URL_SECONDS);
}

/**
 * The bytes of a sample's image; undefined where it is gone. They must be read or destroyed.
 * @throws what {@link DatasourceConnections} throws
 */
export async function openSampleImage(
  dataset: Dataset,
  sample: Sample,
  deps: Pick<SampleUrlDeps, 'datasources' | 'datasourceConnections' | 'buckets'> & {
    readonly objects: Pick<ObjectStore, 'open'>;
  },
): Promise<Readable | undefined> {
  const place = await placeOf(dataset, sample, 'full', deps);
  if ('object' in place) return (await deps.objects.open(place.object))?.body;
  return (await (await deps.datasourceConnections.open(place.datasource)).open(place.name))?.body;
}

/**
 * A URL that a sample's image or its thumbnail can be put to.
 * @throws InvalidInputError where the image is in an input datasource, which Winnow only reads; NotFoundError where
 * the sample has no thumbnail
 */
export async function sampleWriteUrl(
  dataset: Dataset,
  sample: Sample,
  kind: ImageKind,
  deps: SampleUrlDeps,
): Promise<string> {
  const place = await placeOf(dataset, sample, kind, deps);
  if ('object' in place) {
    if (place.isInput) throw inputIsReadOnly(dataset);
    return deps.writeUrls.signWrite(place.object, SAMPLE_URL_SECONDS);
  }
  const { config } = place.datasource;
  if (config.purpose === 'INPUT') throw inputIsReadOnly(dataset);
  const objects = await deps.datasourceConnections.open({ ...place.datasource, use: 'LIGHTLY' });
  return objects.signWrite(place.name, SAMPLE_URL_SECONDS);
}

/** @throws InvalidInputError where images of samples that are added to the dataset can't be uploaded */
export async function checkImagesAreUploaded(
  dataset: Dataset,
  { datasources }: SampleUrlDeps,
): Promise<void> {
  const input = datasourceOf(dataset, await datasources.get(dataset.id), 'INPUT');
  if (isConfigured(input) && input.config.purpose === 'INPUT') throw inputIsReadOnly(dataset);
}

const inputIsReadOnly = ({ id }: Dataset): InvalidInputError =>
  new InvalidInputError(
    `The image is in the input datasource of dataset '${id}', which is only read. Put it there yourself, or ` +
      'configure a datasource with purpose INPUT_OUTPUT.',
    { apiCode: 'DATASET_DATASOURCE_ILLEGAL_ACTION' },
  );

async function placeOf(dataset: Dataset, sample: Sample, kind: ImageKind, deps: PlaceDeps): Promise<Place> {
  const { bucket, key, versionId, fileName, thumbName, facts } = sample;
  if (kind === 'full') {
    const object = { bucket, key, ...(versionId !== undefined && { versionId }) };
    // Winnow has seen the image at this very place.
    if (facts) return { object, isInput: true };
    return (await configuredPlace(dataset, 'INPUT', fileName, deps)) ?? { object, isInput: false };
  }
  if (thumbName === undefined) throw new NotFoundError('thumbnail of sample', sample.id);
  if (facts && thumbName.startsWith(RESERVED_FOLDER)) {
    const { platformFolder } = dataset;
    const object = { bucket: platformFolder.bucket, key: keyWithin(platformFolder, thumbName) };
    return { object, isInput: false };
  }
  const object = { bucket: deps.buckets.platform, key: sampleThumbnailKey(dataset.id, sample.id) };
  return (await configuredPlace(dataset, 'LIGHTLY', thumbName, deps)) ?? { object, isInput: false };
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
