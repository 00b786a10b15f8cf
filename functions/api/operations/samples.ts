import { InvalidInputError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { QueryOf } from '#contracts/protocol/operations';
import type { SampleDataModes } from '#contracts/protocol/types.gen';
import { thumbnailName } from '#contracts/s3-keys';
import type { Sample } from '#contracts/samples';
import { toSampleData } from '#formats/formats';
import type { PageRequest } from '#platform/page';
import { mapped } from '#platform/rows';
import { createSample } from '#platform/samples/create-sample';
import { sampleByFileName, sampleById } from '#platform/samples/find-sample';
import { sampleIdOf } from '#platform/samples/sample-id';
import {
  checkImagesAreUploaded,
  IMAGE_KINDS,
  type ImageKind,
  type SampleUrlDeps,
  sampleReadUrl,
  sampleWriteUrl,
} from '#platform/samples/sample-urls';
import type { SampleStore } from '#platform/samples/samples';
import { updateSample } from '#platform/samples/update-sample';
import type { ApiDeps } from '../api-deps.ts';
import { type Operations, Redirect, RowStream } from '../operation.ts';

type SamplesOperation =
  | 'create_sample_by_dataset_id'
  | 'get_samples_by_dataset_id'
  | 'get_samples_partial_by_dataset_id'
  | 'create_sample_with_write_urls_by_dataset_id'
  | 'get_sample_by_id'
  | 'update_sample_by_id'
  | 'get_sample_image_read_url_by_id'
  | 'get_sample_image_resource_redirect_by_id'
  | 'get_sample_image_write_url_by_id'
  | 'get_sample_image_write_urls_by_id'
  | 'get_sample_mappings_by_dataset_id';

type SamplesDeps = Pick<ApiDeps, 'datasets' | 'samples' | 'pause'> & SampleUrlDeps;

export function samplesOperations(deps: SamplesDeps): Operations<SamplesOperation> {
  const readUrl = async (dataset: Dataset, sampleId: string, type: string | undefined) =>
    sampleReadUrl(dataset, await sampleById(dataset, sampleId, deps.samples), kindOf(type), deps);
  return {
    create_sample_by_dataset_id: async ({ dataset, body }) => {
      const { id } = await createSample(dataset, body, deps);
      return { id };
    },
    create_sample_with_write_urls_by_dataset_id: async ({ dataset, body }) => {
      await checkImagesAreUploaded(dataset, body.thumbName, deps);
      const sample = await createSample(dataset, body, deps);
      return { id: sample.id, sampleWriteUrls: await writeUrls(dataset, sample, deps) };
    },
    get_samples_by_dataset_id: async ({ dataset, query }) =>
      new RowStream(mapped(samplesOn(dataset, query, deps.samples), toSampleData)),
    get_samples_partial_by_dataset_id: async ({ dataset, query }) =>
      new RowStream(partialSamples(dataset, query, deps.samples)),
    get_sample_by_id: async ({ dataset, path }) =>
      toSampleData(await sampleById(dataset, path.sampleId, deps.samples)),
    update_sample_by_id: async ({ dataset, path, query, body }) => {
      await updateSample(dataset, path.sampleId, body, deps);
      if (query.enableDatasetUpdate) await deps.datasets.touch(dataset.id);
    },
    get_sample_image_read_url_by_id: ({ dataset, path, query }) =>
      readUrl(dataset, path.sampleId, query.type),
    get_sample_image_resource_redirect_by_id: async ({ dataset, path, query }) =>
      new Redirect(await readUrl(dataset, path.sampleId, query.type)),
    get_sample_image_write_url_by_id: async ({ dataset, path, query }) => {
      const sample = await sampleById(dataset, path.sampleId, deps.samples);
      if (!query.isThumbnail) return sampleWriteUrl(dataset, sample, 'full', deps);
      return sampleWriteUrl(dataset, await withThumbName(sample, deps), 'thumbnail', deps);
    },
    get_sample_image_write_urls_by_id: async ({ dataset, path }) =>
      writeUrls(dataset, await sampleById(dataset, path.sampleId, deps.samples), deps),
    get_sample_mappings_by_dataset_id: async ({ dataset, query }) =>
      new RowStream(mappings(dataset, query, deps.samples)),
  };
}

function kindOf(type: string = 'full'): ImageKind {
  const kind = IMAGE_KINDS.find((known) => known === type);
  if (kind) return kind;
  throw new InvalidInputError(`The query is not valid. $.type: must be one of ${IMAGE_KINDS.join(', ')}.`);
}

async function writeUrls(dataset: Dataset, sample: Sample, deps: SamplesDeps) {
  const full = await sampleWriteUrl(dataset, sample, 'full', deps);
  const thumb = await sampleWriteUrl(dataset, await withThumbName(sample, deps), 'thumbnail', deps);
  return { full, thumb };
}

/** Who wants to upload a thumbnail that has no name yet gives it the usual one. */
async function withThumbName(sample: Sample, { samples, now }: SamplesDeps): Promise<Sample> {
  if (sample.thumbName !== undefined) return sample;
  const { datasetId, index, fileName } = sample;
  const changes = { thumbName: thumbnailName(fileName), lastModifiedAt: now() };
  return (await samples.update(datasetId, index, changes)) ?? sample;
}

/** The index orders samples as their ids do. Without a page size, all that are left. */
function indexRange({ sampleCount }: Dataset, { pageSize, pageOffset = 0 }: PageRequest): [number, number] {
  const to = pageSize === undefined ? sampleCount : Math.min(sampleCount, pageOffset + pageSize);
  return [pageOffset, to];
}

async function* samplesOn(
  dataset: Dataset,
  page: QueryOf<'get_samples_by_dataset_id'>,
  samples: SampleStore,
): AsyncGenerator<Sample> {
  if (page.fileName === undefined) {
    yield* samples.range(dataset.id, ...indexRange(dataset, page));
    return;
  }
  const found = await sampleByFileName(dataset, page.fileName, samples);
  if (found && (page.pageOffset ?? 0) === 0) yield found;
}

async function* partialSamples(
  dataset: Dataset,
  { mode = 'full', ...page }: QueryOf<'get_samples_partial_by_dataset_id'>,
  samples: SampleStore,
): AsyncGenerator<SampleDataModes> {
  if (mode === 'full') {
    yield* mapped(samplesOn(dataset, page, samples), toSampleData);
    return;
  }
  const named =
    page.fileName === undefined
      ? samples.names(dataset.id, ...indexRange(dataset, page))
      : samplesOn(dataset, page, samples);
  for await (const { index, fileName } of named) {
    const id = sampleIdOf(dataset.id, index);
    yield mode === 'ids' ? { id } : { id, fileName };
  }
}

async function* mappings(
  dataset: Dataset,
  { field, ...page }: QueryOf<'get_sample_mappings_by_dataset_id'>,
  samples: SampleStore,
): AsyncGenerator<string> {
  const [from, to] = indexRange(dataset, page);
  switch (field) {
    case 'fileName':
      yield* mapped(samples.names(dataset.id, from, to), ({ fileName }) => fileName);
      return;
    case '_id':
    case 'id':
      // Ids follow from indexes: nothing needs to be read.
      for (let index = from; index < to; index++) yield sampleIdOf(dataset.id, index);
      return;
    default:
      throw new InvalidInputError('The query is not valid. $.field: must be one of fileName, _id.');
  }
}
