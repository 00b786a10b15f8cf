import type { SplitSide } from '#contracts/settings';
import type { ExportWriter } from './export-writer.ts';

/** What some reader or other takes for the end of a line, or what would make a plain name look quoted. */
const NEEDS_QUOTES = /^"|[\p{Cc}\u2028\u2029]/u;
/** Of those, the characters that `JSON.stringify` leaves as they are. */
const LEFT_UNESCAPED = /[\u007F-\u009F\u2028\u2029]/g;

/** One file name a line. A name that would not stay on one line is written as a JSON string, in quotes. */
export const filenames: ExportWriter = {
  contentType: 'text/plain; charset=utf-8',
  hasReadUrls: false,
  async *write(rows) {
    for await (const { sample } of rows) yield `${onOneLine(sample.fileName)}\n`;
  },
};

/** As {@link filenames}, for the samples on one side of the split. */
export const filenamesOf = (onlySide: SplitSide): ExportWriter => ({ ...filenames, onlySide });

/** The name, or a JSON string of it where it would not stay on one line. */
export function onOneLine(fileName: string): string {
  if (!NEEDS_QUOTES.test(fileName)) return fileName;
  return JSON.stringify(fileName).replace(
    LEFT_UNESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
