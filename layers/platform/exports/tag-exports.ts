import type { Dataset } from '#contracts/items';
import type { Sample } from '#contracts/samples';
import type { Tag } from '#contracts/tags';
import type { PublicTokens } from '../access/public-tokens.ts';
import { publicSampleUrls, type SampleUrls } from '../access/public-urls.ts';
import { isIn } from '../datasources/dataset-images.ts';
import { type DatasourceStore, datasourceOf, isConfigured } from '../datasources/datasources.ts';
import { STORE_TRAITS, traitsOf } from '../datasources/store-traits.ts';
import { mapped } from '../rows.ts';
import { availablePartOf } from '../samples/available-samples.ts';
import type { SampleAvailability } from '../samples/sample-availability.ts';
import { sampleIdOf } from '../samples/sample-id.ts';
import type { SampleStore } from '../samples/samples.ts';
import { indexesOfMask } from '../tags/bit-mask.ts';
import { everyRowOfTag, tagPage } from '../tags/tag-samples.ts';
import { exportedPage, readUrlLifeSeconds, type TagExportQuery } from './tag-export-query.ts';

export interface TagExportDeps {
  readonly samples: Pick<SampleStore, 'range' | 'names'>;
  readonly datasources: Pick<DatasourceStore, 'get'>;
  readonly publicTokens: PublicTokens;
  readonly sampleAvailability: Pick<SampleAvailability, 'unavailableIndexes'>;
  /** ms */
  readonly now: () => number;
}

/** A tag and the URL of the API through which it is asked for. */
export interface TagToExport {
  readonly dataset: Dataset;
  readonly tag: Tag;
  /** Without a slash at the end. */
  readonly baseUrl: string;
}

export interface ExportedSample {
  readonly sample: Sample;
  readonly readUrl: string;
  readonly fileName: string;
  readonly hasMetaData: boolean;
}

/**
 * The samples on a page of a tag, as rows of a labelling tool need them: those whose image is gone are not among them. Where one of them can't be found the rows end
 * with a RetryableError: a page that is short would be taken for the last one.
 *
 * @throws InvalidInputError
 */
export async function exportedSamples(
  exported: TagToExport,
  query: TagExportQuery,
  deps: TagExportDeps,
): Promise<AsyncIterable<ExportedSample>> {
  const { dataset } = exported;
  const tag = await availablePartOf(exported.tag, deps);
  const { includeMetaData: hasMetaData = true, fileNameFormat = 'NAME' } = query;
  const urlOf = readUrlsOf(exported, query, deps);
  const pathOf = await datasourcePaths(dataset, deps);
  return mapped(everyRowOfTag(tag, exportedPage(query), deps.samples.range), async (sample) => {
    const readUrl = await urlOf(sample);
    const names = { NAME: sample.fileName, DATASOURCE_FULL: pathOf(sample), REDIRECTED_READ_URL: readUrl };
    return { sample, readUrl, fileName: names[fileNameFormat], hasMetaData };
  });
}

/** What the samples on a page of a tag are called. Reads no more of them than that takes. @throws InvalidInputError */
export async function exportedFileNames(
  exported: TagToExport,
  query: TagExportQuery,
  deps: TagExportDeps,
): Promise<AsyncIterable<string>> {
  const { dataset, tag } = exported;
  const page = exportedPage(query);
  const urlOf = readUrlsOf(exported, query, deps);
  const { fileNameFormat = 'NAME' } = query;
  switch (fileNameFormat) {
    case 'NAME':
      return mapped(everyRowOfTag(tag, page, deps.samples.names), ({ fileName }) => fileName);
    case 'DATASOURCE_FULL': {
      const pathOf = await datasourcePaths(dataset, deps);
      return mapped(everyRowOfTag(tag, page, deps.samples.range), pathOf);
    }
    case 'REDIRECTED_READ_URL':
      // Ids follow from indexes: nothing needs to be read.
      return mapped(tagPage(indexesOfMask(tag.bitMaskData), page), (index) =>
        urlOf({ id: sampleIdOf(dataset.id, index), datasetId: dataset.id }),
      );
    default:
      return fileNameFormat satisfies never;
  }
}

function readUrlsOf(
  { dataset, baseUrl }: TagToExport,
  query: TagExportQuery,
  { publicTokens, now }: TagExportDeps,
): SampleUrls {
  return publicSampleUrls(baseUrl, now() + readUrlLifeSeconds(dataset, query) * 1000, publicTokens);
}

/** Where a sample's image is, in the words of its datasource. */
async function datasourcePaths(
  dataset: Dataset,
  { datasources }: Pick<TagExportDeps, 'datasources'>,
): Promise<(sample: Sample) => string> {
  const input = datasourceOf(dataset, await datasources.get(dataset.id), 'INPUT');
  const { fullPath } = input.config;
  const [ownScheme] = STORE_TRAITS.LIGHTLY.schemes;
  const [scheme] = traitsOf(input.config).schemes;
  const folder = fullPath.replace(/\/*$/, '/');
  return (sample) => {
    const { bucket, key, fileName, facts } = sample;
    // Winnow has seen an image that it has facts of at the place that it noted.
    if (!facts && isConfigured(input)) return folder + fileName;
    if (!isIn(input.place, sample)) return `${ownScheme}${bucket}/${key}`;
    return scheme === undefined ? key : `${scheme}${bucket}/${key}`;
  };
}
