import { ApiWorkflowError } from './errors.ts';
import { collected, EXPORT_PAGE_SIZE, paginate, paginateLines } from './paging.ts';
import type {
  FileNameFormat,
  LabelBoxDataRow,
  LabelBoxV4DataRow,
  LabelStudioTask,
  SamaTask,
} from './protocol.ts';
import { currentDatasetId, type Session } from './session.ts';
import type { Tags } from './tags.ts';
import type { Abortable } from './transport.ts';

/** What the rows of an export hold. */
export interface ExportOptions extends Abortable {
  /** Time in seconds after which the URLs lead nowhere. @default that of the server */
  readonly expiresIn?: number | undefined;
  /** Name of the access control that the URLs are made for. */
  readonly accessControl?: string | undefined;
  readonly fileNameFormat?: FileNameFormat | undefined;
  /** Whether rows hold what is known of their sample. @default false */
  readonly includeMetaData?: boolean | undefined;
}

/** Row of each export that has rows. */
export interface ExportRows {
  readonly LabelStudio: LabelStudioTask;
  readonly LabelBox: LabelBoxDataRow;
  readonly LabelBoxV4: LabelBoxV4DataRow;
  readonly Sama: SamaTask;
}

/** A file, a URL that it can be read at, and its place in the datasource. */
export interface FilenameAndUrls {
  readonly fileName: string;
  readonly readUrl: string;
  readonly datasourceUrl: string;
}

const OPERATIONS = {
  LabelStudio: 'export_tag_to_label_studio_tasks',
  LabelBox: 'export_tag_to_label_box_data_rows',
  LabelBoxV4: 'export_tag_to_label_box_v4_data_rows',
  Sama: 'export_tag_to_sama_tasks',
} as const satisfies Record<keyof ExportRows, string>;
type RowsOperation = (typeof OPERATIONS)[keyof ExportRows];

/** The samples of a tag, as labelling tools take them. */
export class Exports {
  readonly #session: Session;
  readonly #tags: Tags;

  constructor(session: Session, tags: Tags) {
    this.#session = session;
    this.#tags = tags;
  }

  /** The rows of an export, page by page, for tags too large for a list. */
  async *exportRowsIter<Tool extends keyof ExportRows>(
    tool: Tool,
    tagId: string,
    { signal, ...query }: ExportOptions = {},
  ): AsyncGenerator<ExportRows[Tool], void> {
    const path = { datasetId: await currentDatasetId(this.#session, { signal }), tagId };
    const how = { signal, repeated: true };
    const pages = paginate<unknown>(
      (page) =>
        this.#session.call<RowsOperation>(OPERATIONS[tool], { path, query: { ...query, ...page } }, how),
      EXPORT_PAGE_SIZE,
    );
    yield* pages as AsyncGenerator<ExportRows[Tool], void>;
  }

  async exportLabelStudioTasksByTagId(
    tagId: string,
    options: ExportOptions = {},
  ): Promise<LabelStudioTask[]> {
    return collected(this.exportRowsIter('LabelStudio', tagId, options));
  }

  async exportLabelStudioTasksByTagName(
    tagName: string,
    options: ExportOptions = {},
  ): Promise<LabelStudioTask[]> {
    return this.exportLabelStudioTasksByTagId(await this.#tagId(tagName, options), options);
  }

  /** @deprecated `exportLabelBoxV4DataRowsByTagId` */
  async exportLabelBoxDataRowsByTagId(
    tagId: string,
    options: ExportOptions = {},
  ): Promise<LabelBoxDataRow[]> {
    return collected(this.exportRowsIter('LabelBox', tagId, options));
  }

  /** @deprecated `exportLabelBoxV4DataRowsByTagName` */
  async exportLabelBoxDataRowsByTagName(
    tagName: string,
    options: ExportOptions = {},
  ): Promise<LabelBoxDataRow[]> {
    return this.exportLabelBoxDataRowsByTagId(await this.#tagId(tagName, options), options);
  }

  async exportLabelBoxV4DataRowsByTagId(
    tagId: string,
    options: ExportOptions = {},
  ): Promise<LabelBoxV4DataRow[]> {
    return collected(this.exportRowsIter('LabelBoxV4', tagId, options));
  }

  async exportLabelBoxV4DataRowsByTagName(
    tagName: string,
    options: ExportOptions = {},
  ): Promise<LabelBoxV4DataRow[]> {
    return this.exportLabelBoxV4DataRowsByTagId(await this.#tagId(tagName, options), options);
  }

  async exportSamaTasksByTagId(tagId: string, options: ExportOptions = {}): Promise<SamaTask[]> {
    return collected(this.exportRowsIter('Sama', tagId, options));
  }

  async exportSamaTasksByTagName(tagName: string, options: ExportOptions = {}): Promise<SamaTask[]> {
    return this.exportSamaTasksByTagId(await this.#tagId(tagName, options), options);
  }

  /** One file name a line. */
  async exportFilenamesByTagId(tagId: string, options: ExportOptions = {}): Promise<string> {
    return (await this.#lines(tagId, options)).join('\n');
  }

  /** One file name a line. */
  async exportFilenamesByTagName(tagName: string, options: ExportOptions = {}): Promise<string> {
    return this.exportFilenamesByTagId(await this.#tagId(tagName, options), options);
  }

  async exportFilenamesAndReadUrlsByTagId(
    tagId: string,
    options: Omit<ExportOptions, 'fileNameFormat'> = {},
  ): Promise<FilenameAndUrls[]> {
    const fileNames = await this.#lines(tagId, { ...options, fileNameFormat: 'NAME' });
    const readUrls = await this.#lines(tagId, { ...options, fileNameFormat: 'REDIRECTED_READ_URL' });
    const datasourceUrls = await this.#lines(tagId, { ...options, fileNameFormat: 'DATASOURCE_FULL' });
    return fileNames.map((fileName, row) => {
      const readUrl = readUrls[row];
      const datasourceUrl = datasourceUrls[row];
      if (readUrl !== undefined && datasourceUrl !== undefined) return { fileName, readUrl, datasourceUrl };
      throw new ApiWorkflowError(`The server has no URL for '${fileName}': the tag has changed meanwhile.`);
    });
  }

  async exportFilenamesAndReadUrlsByTagName(
    tagName: string,
    options: Omit<ExportOptions, 'fileNameFormat'> = {},
  ): Promise<FilenameAndUrls[]> {
    return this.exportFilenamesAndReadUrlsByTagId(await this.#tagId(tagName, options), options);
  }

  async #lines(tagId: string, { signal, ...query }: ExportOptions): Promise<string[]> {
    const path = { datasetId: await currentDatasetId(this.#session, { signal }), tagId };
    const how = { signal, repeated: true };
    return collected(
      paginateLines((page) =>
        this.#session.call('export_tag_to_basic_filenames', { path, query: { ...query, ...page } }, how),
      ),
    );
  }

  async #tagId(tagName: string, { signal }: Abortable): Promise<string> {
    return (await this.#tags.getTagByName(tagName, { signal })).id;
  }
}
