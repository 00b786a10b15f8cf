import type { Sample } from '#contracts/samples';
import type { SplitSide } from '#contracts/settings';

/** What every format is made from. */
export interface ExportRow {
  readonly sample: Sample;
  /** Empty for formats without read URLs. */
  readonly readUrl: string;
  /** What a row of a labelling tool calls the file. @default its name */
  readonly fileName?: string;
  /** Whether a row of a labelling tool holds what is known of the image. @default true */
  readonly hasMetaData?: boolean;
  /** Absent where samples are not divided. */
  readonly split?: SplitSide | undefined;
}

/** What a row of a divided dataset has beyond the protocol's fields. */
export interface Divided {
  readonly split?: SplitSide;
}

/** What a file says of itself. The same header and rows give the same bytes. */
export interface ExportHeader {
  /** Name of the dataset. */
  readonly dataset: string;
  readonly runId: string;
  readonly tagName: string;
  /** In milliseconds. */
  readonly createdAt: number;
}

export interface ExportWriter {
  readonly contentType: string;
  /** Whether the file holds read URLs, which expire. */
  readonly hasReadUrls: boolean;
  /** The side of the split whose samples the file holds. @default all samples */
  readonly onlySide?: SplitSide;
  /** Streams the file: holds one row at a time, so that memory stays flat whatever the number of rows. */
  write(rows: AsyncIterable<ExportRow>, header: ExportHeader): AsyncIterable<string>;
}
