import type { ExportHeader, ExportRow, ExportWriter } from './export-writer.ts';

/** A JSON array over several lines, one element a line. Valid JSON without elements too. */
export async function* jsonArray(
  rows: AsyncIterable<ExportRow>,
  elementOf: (row: ExportRow) => unknown,
): AsyncGenerator<string> {
  let separator = '\n';
  yield '[';
  for await (const row of rows) {
    yield separator + JSON.stringify(elementOf(row));
    separator = ',\n';
  }
  yield '\n]';
}

/** A format that is a JSON array with one element per sample, each holding the sample's read URL. */
export function jsonArrayWriter(elementOf: (row: ExportRow, header: ExportHeader) => unknown): ExportWriter {
  return {
    contentType: 'application/json',
    hasReadUrls: true,
    async *write(rows, header) {
      yield* jsonArray(rows, (row) => elementOf(row, header));
      yield '\n';
    },
  };
}
