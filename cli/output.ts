import { printable } from './printable.ts';
import { type Column, tableOf } from './table-output.ts';

/** What a command prints: for people, or JSON for programs. Standard output has nothing else in it. */
export interface Output {
  readonly isJson: boolean;
  /** The result: one JSON document, or a text for people. */
  show(document: unknown, forPeople: string): void;
  /** As `show`, of a list. @param none what people read where it is empty */
  showRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], none: string): void;
  /** As `show`, of a plain list: one entry a line. */
  showLines(entries: readonly (string | number)[]): void;
  /** One of many as it comes: a line of JSON, or a line for people. */
  tell(document: unknown, forPeople: string): void;
  /** Beside the result, for people only. */
  note(text: string): void;
}

export function outputTo({ json = false }: { readonly json?: boolean }): Output {
  const { stdout } = process;
  const line = (text: string): void => void stdout.write(`${text}\n`);
  const note = (text: string): void => void process.stderr.write(`${printable(text)}\n`);
  const show = (document: unknown, forPeople: string): void => {
    if (json) line(JSON.stringify(document, undefined, 2));
    else if (forPeople !== '') line(forPeople);
  };
  return {
    isJson: json,
    show,
    note,
    showRows: (rows, columns, none) => {
      if (rows.length === 0 && !json) note(none);
      else show(rows, tableOf(columns, rows, stdout.isTTY ? stdout.columns : undefined));
    },
    showLines: (entries) => {
      // What is read by a program, through a pipe, is left as it is.
      const lines = entries.map((entry) => (stdout.isTTY ? printable(String(entry)) : String(entry)));
      show(entries, lines.join('\n'));
    },
    tell: (document, forPeople) => line(json ? JSON.stringify(document) : printable(forPeople)),
  };
}
