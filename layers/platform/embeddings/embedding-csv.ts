import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import { CSV_END_OF_LINE, quotedCell } from '#contracts/csv';
import { InvalidInputError } from '#contracts/errors';
import type { EmbeddingRow } from './embeddings.ts';

/**
 * The protocol's CSV of embeddings: `filenames`, then `embedding_0`, `embedding_1`, …, then `labels`. Between the
 * vector and the labels there may be `masked` and `selected`, and anything after the labels.
 */
const FILE_NAMES = 'filenames';
const LABELS = 'labels';
const DIMENSION = /^embedding_\d+$/;
const OTHER_COLUMNS = new Set(['masked', 'selected']);

/** Enough for vectors of 10,000 numbers; what is longer is no row, but a file without line ends or a quote left open. */
const LONGEST_ROW_BYTES = 512 * 1024;

export const embeddingCsvHeader = (dimension: number): string =>
  [FILE_NAMES, ...Array.from({ length: dimension }, (_, axis) => `embedding_${axis}`), LABELS].join(',') +
  CSV_END_OF_LINE;

/** Digits that tell every float32 from every other one. */
const FLOAT32_DIGITS = 9;

/** There are no labels: 0 stands for that, as in the files of the protocol's programs. */
export const embeddingCsvLine = ({ fileName, vector }: EmbeddingRow): string =>
  [quotedCell(fileName), ...Array.from(vector, (value) => Number(value.toPrecision(FLOAT32_DIGITS))), 0].join(
    ',',
  ) + CSV_END_OF_LINE;

/**
 * The rows of a CSV file, one at a time: memory does not grow with the file, and no row of it is too long.
 *
 * @throws InvalidInputError `EMBEDDING_INVALID` naming the row (1 is the header) and what is wrong with it
 */
export async function* readEmbeddingCsv(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<EmbeddingRow> {
  let row = 0;
  let columns: Columns | undefined;
  try {
    for await (const cells of cellsOf(bytes)) {
      row += 1;
      if (columns) yield toRow(cells, columns, row);
      else columns = toColumns(cells);
    }
  } catch (cause) {
    throw isParseError(cause) ? invalidRow(row + 1, reasonOf(cause), cause) : cause;
  }
  if (!columns) throw invalidRow(1, 'the file is empty');
}

interface Columns {
  readonly count: number;
  /** Positions of the vector's columns. */
  readonly vector: readonly number[];
}

async function* cellsOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const parser = parse({ bom: true, relax_column_count: true, max_record_size: LONGEST_ROW_BYTES });
  // What fails on the way fails the parser too, and is thrown by the loop.
  const feeding = pipeline(Readable.from(textOf(bytes)), parser).catch(() => undefined);
  try {
    yield* parser as AsyncIterable<string[]>;
  } finally {
    parser.destroy();
    await feeding;
  }
}

async function* textOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for await (const chunk of bytes) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

function toColumns(header: readonly string[]): Columns {
  const labels = header.indexOf(LABELS);
  if (header[0] !== FILE_NAMES) throw invalidRow(1, `the first column must be '${FILE_NAMES}'`);
  if (labels < 0) throw invalidRow(1, `there is no column '${LABELS}'`);
  const vector: number[] = [];
  for (let position = 1; position < labels; position++) {
    const name = header[position] ?? '';
    if (DIMENSION.test(name)) vector.push(position);
    else if (!OTHER_COLUMNS.has(name)) {
      throw invalidRow(1, `column ${position + 1} must be 'embedding_${vector.length}' or '${LABELS}'`);
    }
  }
  if (vector.length === 0) throw invalidRow(1, `there is no column 'embedding_0' before '${LABELS}'`);
  return { count: header.length, vector };
}

function toRow(cells: readonly string[], { count, vector }: Columns, row: number): EmbeddingRow {
  if (cells.length !== count) {
    throw invalidRow(row, `the header has ${count} columns and this row has ${cells.length}`);
  }
  const [fileName = ''] = cells;
  if (fileName === '') throw invalidRow(row, 'there is no file name');
  const values = new Float32Array(vector.length);
  vector.forEach((position, axis) => {
    const cell = cells[position] ?? '';
    values[axis] = cell.trim() === '' ? Number.NaN : Number(cell);
    if (!Number.isFinite(values[axis])) {
      throw invalidRow(row, `column ${position + 1} must be a finite number that a float32 can hold`);
    }
  });
  return { fileName, vector: values };
}

function invalidRow(row: number, reason: string, cause?: unknown): InvalidInputError {
  return new InvalidInputError(`The embeddings CSV is not valid. Row ${row}: ${reason}.`, {
    apiCode: 'EMBEDDING_INVALID',
    cause,
  });
}

const NOT_UTF8 = 'ERR_ENCODING_INVALID_ENCODED_DATA';
const codeOf = (error: unknown): string =>
  String((error as { readonly code?: unknown } | undefined)?.code ?? '');
const isParseError = (error: unknown): boolean =>
  codeOf(error).startsWith('CSV_') || codeOf(error) === NOT_UTF8;

/** The parser's own words repeat what is in the file. */
function reasonOf(error: unknown): string {
  switch (codeOf(error)) {
    case NOT_UTF8:
      return 'the text is not UTF-8';
    case 'CSV_MAX_RECORD_SIZE':
      return `it has more than ${LONGEST_ROW_BYTES} characters`;
    default:
      return 'a quote is out of place';
  }
}
