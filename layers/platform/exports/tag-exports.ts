import { InvalidInputError, NotFoundError, RetryableError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { Sample } from '#contracts/samples';
import type { ObjectId } from '#contracts/schema';
import { LONGEST_REDIRECT_LIFE_SECONDS, USUAL_REDIRECT_LIFE_SECONDS } from '#contracts/settings';
import type { Tag } from '#contracts/tags';
import type { PublicTokens } from '../access/public-tokens.ts';
import { publicSampleUrls, type SampleUrls } from '../access/public-urls.ts';
import { type DatasourceStore, datasourceOf, isConfigured } from '../datasources/datasources.ts';
import { sampleIdOf } from '../samples/sample-id.ts';
import type { SampleStore } from '../samples/samples.ts';
import { indexesOfMask } from '../tags/bit-mask.ts';
import { rowsOfTag, sizeOfPage, type TagPage, tagPage } from '../tags/tag-samples.ts';
import type { TagStore } from '../tags/tags.ts';

export interface TagExportDeps {
  readonly tags: Pick<TagStore, 'get'>;
  readonly samples: Pick<SampleStore, 'range' | 'names'>;
  readonly datasources: Pick<DatasourceStore, 'get'>;
  readonly publicTokens: PublicTokens;
  /** ms */
  readonly now: () => number;
}

/** What rows call a file: its name, its place in the datasource, or a URL to read it at. */
export type FileNameFormat = 'NAME' | 'DATASOURCE_FULL' | 'REDIRECTED_READ_URL';

/** How a client wants a tag exported. */
export interface TagExportQuery {
  /** Seconds that read URLs live. @default what a redirect of the dataset's exports lives */
  readonly expiresIn?: number;
  readonly accessControl?: string;
  /** @default NAME */
  readonly fileNameFormat?: FileNameFormat;
  /** @default true */
  readonly includeMetaData?: boolean;
  /** Only some rows, to show what they look like. */
  readonly previewExample?: boolean;
  /** Samples of the tag. @default all of them */
  readonly pageSize?: number;
  readonly pageOffset?: number;
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

const PREVIEW_ROWS = 10;
/** Names of the one kind of access there is: everybody who holds a URL, to that one image, until it ends. */
const ACCESS_CONTROLS = ['default', 'public'];

/** @throws NotFoundError */
export async function tagOf(
  dataset: Dataset,
  tagId: ObjectId,
  { tags }: Pick<TagExportDeps, 'tags'>,
): Promise<Tag> {
  const tag = await tags.get(dataset.id, tagId);
  if (!tag) throw new NotFoundError('tag', tagId);
  return tag;
}

/**
 * The samples on a page of a tag, as rows of a labelling tool need them. Where one of them can't be found the rows end
 * with a RetryableError: a page that is short would be taken for the last one.
 *
 * @throws InvalidInputError
 */
export async function exportedSamples(
  exported: TagToExport,
  query: TagExportQuery,
  deps: TagExportDeps,
): Promise<AsyncIterable<ExportedSample>> {
  const { dataset, tag } = exported;
  const { includeMetaData: hasMetaData = true, fileNameFormat = 'NAME' } = query;
  const urlOf = readUrlsOf(exported, query, deps);
  const pathOf = await datasourcePaths(dataset, deps);
  const page = pageOf(query);
  async function* rows(): AsyncGenerator<ExportedSample> {
    for await (const sample of rowsOfTag(tag, page, deps.samples.range)) {
      const readUrl = await urlOf(sample);
      const names = { NAME: sample.fileName, DATASOURCE_FULL: pathOf(sample), REDIRECTED_READ_URL: readUrl };
      yield { sample, readUrl, fileName: names[fileNameFormat], hasMetaData };
    }
  }
  return allOf(rows(), sizeOfPage(tag.bitMaskData, page), tag);
}

/** What the samples on a page of a tag are called. Reads no more of them than that takes. @throws InvalidInputError */
export async function exportedFileNames(
  exported: TagToExport,
  query: TagExportQuery,
  deps: TagExportDeps,
): Promise<AsyncIterable<string>> {
  const { dataset, tag } = exported;
  const page = pageOf(query);
  const size = sizeOfPage(tag.bitMaskData, page);
  const urlOf = readUrlsOf(exported, query, deps);
  const { fileNameFormat = 'NAME' } = query;
  switch (fileNameFormat) {
    case 'NAME':
      return allOf(
        mapped(rowsOfTag(tag, page, deps.samples.names), ({ fileName }) => fileName),
        size,
        tag,
      );
    case 'DATASOURCE_FULL': {
      const pathOf = await datasourcePaths(dataset, deps);
      return allOf(mapped(rowsOfTag(tag, page, deps.samples.range), pathOf), size, tag);
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

function pageOf({ pageSize, pageOffset, previewExample = false }: TagExportQuery): TagPage {
  const most = previewExample ? PREVIEW_ROWS : Number.POSITIVE_INFINITY;
  return { size: Math.min(pageSize ?? most, most), ...(pageOffset !== undefined && { offset: pageOffset }) };
}

function readUrlsOf(
  { dataset, baseUrl }: TagToExport,
  { expiresIn, accessControl }: TagExportQuery,
  { publicTokens, now }: TagExportDeps,
): SampleUrls {
  if (accessControl !== undefined && !ACCESS_CONTROLS.includes(accessControl)) {
    throw new InvalidInputError(`accessControl: expected one of ${ACCESS_CONTROLS.join(', ')}, or nothing.`, {
      apiCode: 'ACCESS_CONTROL_UNKNOWN',
    });
  }
  if (expiresIn !== undefined && (expiresIn < 1 || expiresIn > LONGEST_REDIRECT_LIFE_SECONDS)) {
    throw new InvalidInputError(
      `expiresIn: expected 1 to ${LONGEST_REDIRECT_LIFE_SECONDS} seconds but received ${expiresIn}.`,
    );
  }
  const seconds = expiresIn ?? usualExpirySeconds(dataset);
  return publicSampleUrls(baseUrl, now() + seconds * 1000, publicTokens);
}

/** A dataset's setting is about the URLs of its exports; where those are signed ones, it says nothing of redirects. */
function usualExpirySeconds({ settings: { exports } }: Dataset): number {
  return exports.readUrls === 'redirect' ? exports.readUrlExpirySeconds : USUAL_REDIRECT_LIFE_SECONDS;
}

/** Where a sample's image is, in the words of its datasource. */
async function datasourcePaths(
  dataset: Dataset,
  { datasources }: Pick<TagExportDeps, 'datasources'>,
): Promise<(sample: Sample) => string> {
  const input = datasourceOf(dataset, await datasources.get(dataset.id), 'INPUT');
  const folder = input.config.fullPath.replace(/\/*$/, '/');
  return ({ bucket, key, fileName, facts }) =>
    // Winnow has seen an image that it has facts of at the place that it noted.
    facts || !isConfigured(input) ? `s3://${bucket}/${key}` : folder + fileName;
}

async function* allOf<Row>(rows: AsyncIterable<Row>, size: number, { id }: Tag): AsyncGenerator<Row> {
  let found = 0;
  for await (const row of rows) {
    found += 1;
    yield row;
  }
  if (found !== size)
    throw new RetryableError('SAMPLES_MISSING', `Found ${found} of ${size} samples of tag '${id}'.`);
}

async function* mapped<Row, Made>(
  rows: AsyncIterable<Row> | Iterable<Row>,
  make: (row: Row) => Made | Promise<Made>,
): AsyncGenerator<Made> {
  for await (const row of rows) yield await make(row);
}
