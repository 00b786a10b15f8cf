import { ApiWorkflowError } from './errors.ts';

export type CsvRow = readonly string[];

const NEEDS_QUOTES = /[",\r\n]/;

/** One line of a CSV file with its end (RFC 4180). */
export const csvLine = (row: CsvRow): string =>
  `${row.map((cell) => (NEEDS_QUOTES.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`;

/**
 * The rows of a CSV file (RFC 4180), read as it comes.
 * @throws ApiWorkflowError where a quoted cell has no end
 */
export async function* csvRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRow, void> {
  let lines: string[] = [];
  let isQuoted = false;
  for await (const line of linesOf(chunks)) {
    lines.push(line);
    // A row ends with the first line after which all quotes are closed.
    if (hasOddQuotes(line)) isQuoted = !isQuoted;
    if (isQuoted) continue;
    yield cellsOf(lines.join('\n').replace(/\r$/, ''));
    lines = [];
  }
  if (isQuoted) throw new ApiWorkflowError('The CSV file ends in the middle of a quoted cell.');
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}

function hasOddQuotes(line: string): boolean {
  let isOdd = false;
  for (let at = line.indexOf('"'); at >= 0; at = line.indexOf('"', at + 1)) isOdd = !isOdd;
  return isOdd;
}

function cellsOf(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  const cells: string[] = [];
  for (let start = 0; ; ) {
    const end = endOfCell(line, start);
    const cell = line.slice(start, end);
    cells.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (line[end] !== ',') return cells;
    start = end + 1;
  }
}

function endOfCell(line: string, start: number): number {
  let from = start;
  if (line[start] === '"') {
    from = line.indexOf('"', start + 1) + 1;
    while (line[from] === '"') from = line.indexOf('"', from + 1) + 1;
  }
  const comma = line.indexOf(',', from);
  return comma < 0 ? line.length : comma;
}
