/** What `make` makes of each row, one at a time. */
export async function* mapped<Row, Made>(
  rows: AsyncIterable<Row> | Iterable<Row>,
  make: (row: Row) => Made | Promise<Made>,
): AsyncGenerator<Made> {
  for await (const row of rows) yield await make(row);
}
