/** RFC 4180. */
export const CSV_END_OF_LINE = '\r\n';
export const CSV_CONTENT_TYPE = 'text/csv; charset=utf-8; header=present';

/** Semicolons and tabs too: where they part cells, as in many countries, a spreadsheet would run what follows one. */
const NEEDS_QUOTES = /[",;\t\r\n]|^\s|\s$/;
/** Spreadsheets run a cell that begins like this, also where it stands in quotes; the apostrophe marks text. */
const RUN_BY_SPREADSHEETS = /^[=+\-@\t\r\n＝＋－＠']/;

/** One cell: quoted where it must be, empty where there is no value, and text where a spreadsheet would run it. */
export function csvCell(value: string | number | undefined): string {
  if (typeof value !== 'string') return value === undefined ? '' : String(value);
  return quotedCell(RUN_BY_SPREADSHEETS.test(value) ? `'${value}` : value);
}

/** One cell for programs: quoted where it must be, and otherwise the very text. */
export const quotedCell = (text: string): string =>
  NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
