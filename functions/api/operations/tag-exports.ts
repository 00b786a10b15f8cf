import {
  type ExportRow,
  filenameAndReadUrl,
  labelboxV3Row,
  labelboxV4Row,
  labelStudioTask,
  onOneLine,
  samaTask,
} from '#formats/formats';
import type { TagExportQuery } from '#platform/exports/tag-export-query';
import {
  exportedFileNames,
  exportedSamples,
  type TagExportDeps,
  type TagToExport,
} from '#platform/exports/tag-exports';
import { mapped } from '#platform/rows';
import { knownTag } from '#platform/tags/known-tag';
import type { ApiDeps } from '../api-deps.ts';
import { jsonArrayOf } from '../json-array.ts';
import { type Operations, PartStream, RowStream } from '../operation.ts';
import { zipOfTag } from '../wire/zip-of-tag.ts';

type TagExportsOperation =
  | 'export_tag_to_label_box_data_rows'
  | 'export_tag_to_label_box_v4_data_rows'
  | 'export_tag_to_label_studio_tasks'
  | 'export_tag_to_sama_tasks'
  | 'export_tag_to_basic_filenames'
  | 'export_tag_to_basic_filenames_and_read_urls'
  | 'download_zip_of_samples_by_tag_id'
  | 'get_filenames_by_tag_id';

/** What all of these requests have. */
interface ExportRequest {
  readonly dataset: TagToExport['dataset'];
  readonly path: { readonly tagId: string };
  readonly baseUrl: string;
}

export function tagExportsOperations(
  deps: TagExportDeps & Pick<ApiDeps, 'tags' | 'objects' | 'images' | 'datasourceConnections' | 'buckets'>,
): Operations<TagExportsOperation> {
  const exportedBy = async ({ dataset, path, baseUrl }: ExportRequest): Promise<TagToExport> => ({
    dataset,
    tag: await knownTag(dataset.id, path.tagId, deps),
    baseUrl,
  });
  const exportedRows = async <Row>(
    request: ExportRequest & { readonly query: TagExportQuery },
    make: (row: ExportRow) => Row,
  ): Promise<RowStream<Row>> =>
    new RowStream(mapped(await exportedSamples(await exportedBy(request), request.query, deps), make));
  return {
    export_tag_to_label_box_data_rows: (request) => exportedRows(request, labelboxV3Row),
    export_tag_to_label_box_v4_data_rows: (request) =>
      exportedRows(request, (row) => labelboxV4Row(row, { dataset: request.dataset.name })),
    export_tag_to_label_studio_tasks: (request) => exportedRows(request, labelStudioTask),
    export_tag_to_sama_tasks: (request) => exportedRows(request, samaTask),
    export_tag_to_basic_filenames_and_read_urls: (request) => exportedRows(request, filenameAndReadUrl),
    export_tag_to_basic_filenames: async (request) => {
      const names = await exportedFileNames(await exportedBy(request), request.query, deps);
      return new PartStream(request.query.format === 'JSON' ? jsonArrayOf(names) : linesOf(names));
    },
    get_filenames_by_tag_id: async (request) =>
      new RowStream(await exportedFileNames(await exportedBy(request), {}, deps)),
    download_zip_of_samples_by_tag_id: async (request) =>
      new PartStream(await zipOfTag(await exportedBy(request), deps)),
  };
}

/** Clients join pages with a newline, so there is none at the end of one. */
async function* linesOf(names: AsyncIterable<string>): AsyncGenerator<string> {
  let separator = '';
  for await (const name of names) {
    yield separator + onOneLine(name);
    separator = '\n';
  }
}
