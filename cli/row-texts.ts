type Rows = AsyncIterable<unknown>;
/** Texts smaller than this are joined: writing each row by itself takes longer than making it. */
const CHUNK_CHARACTERS = 65_536;

/** One JSON list, a row a line. */
export async function* jsonList(rows: Rows): AsyncGenerator<string, void> {
  yield* joined(listParts(rows));
}

/** One JSON document a line. */
export async function* jsonLines(rows: Rows): AsyncGenerator<string, void> {
  yield* joined(parts(rows, (row) => `${JSON.stringify(row)}\n`));
}

export async function* plainLines(rows: AsyncIterable<string>): AsyncGenerator<string, void> {
  yield* joined(parts(rows, (row) => `${row}\n`));
}

async function* listParts(rows: Rows): AsyncGenerator<string, void> {
  let before = '[\n';
  for await (const row of rows) {
    yield before + JSON.stringify(row);
    before = ',\n';
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}

async function* parts<Row>(
  rows: AsyncIterable<Row>,
  textOf: (row: Row) => string,
): AsyncGenerator<string, void> {
  for await (const row of rows) yield textOf(row);
}

async function* joined(texts: AsyncIterable<string>): AsyncGenerator<string, void> {
  let chunk = '';
  for await (const text of texts) {
    chunk += text;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}
