import { createReadStream } from 'node:fs';
import { type CsvRow, csvLine, csvRows } from './csv.ts';
import { InvalidArgumentError } from './errors.ts';

/** Embeddings of images: `filenames`, `embedding_0` and so on, `labels`. */
export interface EmbeddingsTable {
  readonly header: CsvRow;
  /** Rows by their file name, in the order of the file. */
  readonly rows: ReadonlyMap<string, CsvRow>;
}

const KEPT_COLUMN = /^(filenames|embedding_\d+|labels)$/;
const KNOWN_COLUMN = /^(filenames|embedding_\d+|labels|masked|selected)$/;

/**
 * A file of embeddings, without the columns `masked` and `selected` of older files.
 * @throws InvalidArgumentError that names the column or line
 */
export async function readEmbeddingsFile(path: string): Promise<EmbeddingsTable> {
  return readEmbeddings(createReadStream(path), `'${path}'`);
}

/** @throws InvalidArgumentError that names the column or line of `what` */
export async function readEmbeddings(
  chunks: AsyncIterable<Uint8Array>,
  what: string,
): Promise<EmbeddingsTable> {
  const rows = new Map<string, CsvRow>();
  let given: CsvRow | undefined;
  let line = 0;
  for await (const row of csvRows(chunks)) {
    line++;
    if (!given) {
      given = checkedHeader(row, what);
      continue;
    }
    if (row.length !== given.length) {
      throw new InvalidArgumentError(
        `Row ${line} of ${what} has ${row.length} cells; the header has ${given.length}.`,
      );
    }
    const [fileName = ''] = row;
    if (rows.has(fileName)) throw new InvalidArgumentError(`Row ${line} of ${what} repeats '${fileName}'.`);
    rows.set(fileName, keptCells(row, given));
  }
  if (!given)
    throw new InvalidArgumentError(`${what} is empty: it needs a header and a row for each sample.`);
  return { header: keptCells(given, given), rows };
}

export function* embeddingsLines({ header, rows }: EmbeddingsTable): Generator<string, void> {
  yield csvLine(header);
  for (const row of rows.values()) yield csvLine(row);
}

/**
 * The embeddings on the server with those of a file: they come in place of those with the same file name, or at the
 * end.
 * @throws InvalidArgumentError where the columns differ
 */
export function appended(onServer: EmbeddingsTable, local: EmbeddingsTable): EmbeddingsTable {
  if (onServer.header.length !== local.header.length) {
    throw new InvalidArgumentError(
      `The file has ${local.header.length} columns and the embeddings on the server have ${onServer.header.length}: they must have as many.`,
    );
  }
  return { header: onServer.header, rows: new Map([...onServer.rows, ...local.rows]) };
}

/**
 * The embeddings in the order of the samples.
 * @throws InvalidArgumentError where they are not those of exactly the samples
 */
export function orderedAs(fileNames: readonly string[], { header, rows }: EmbeddingsTable): EmbeddingsTable {
  const missing = fileNames.find((name) => !rows.has(name));
  if (missing !== undefined || rows.size !== fileNames.length) {
    const example = missing === undefined ? '' : ` There is none for '${missing}', for example.`;
    throw new InvalidArgumentError(
      `There are embeddings of ${rows.size} files, and ${fileNames.length} samples on the server: they must be the same.${example}`,
    );
  }
  return { header, rows: new Map(fileNames.map((name) => [name, rows.get(name) as CsvRow])) };
}

function checkedHeader(header: CsvRow, what: string): CsvRow {
  const padded = header.find((name) => name !== name.trim());
  if (padded !== undefined) {
    throw new InvalidArgumentError(`The header of ${what} has spaces around '${padded.trim()}'.`);
  }
  if (header[0] !== 'filenames') {
    throw new InvalidArgumentError(`The first column of ${what} must be 'filenames', not '${header[0]}'.`);
  }
  if (!header.includes('labels')) throw new InvalidArgumentError(`${what} has no column 'labels'.`);
  const odd = header.slice(0, header.indexOf('labels')).find((name) => !KNOWN_COLUMN.test(name));
  if (odd !== undefined) {
    throw new InvalidArgumentError(`The columns of ${what} are embedding_0 and so on, not '${odd}'.`);
  }
  return header;
}

const keptCells = (row: CsvRow, header: CsvRow): CsvRow =>
  row.filter((_, column) => KEPT_COLUMN.test(header[column] ?? ''));
