import Table from 'cli-table3';
import { printable } from './printable.ts';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | number | undefined;
  /** Whether it is cut where a terminal is too narrow for all columns. @default false */
  readonly shrinks?: boolean;
  /** @default 'left' */
  readonly align?: 'left' | 'right';
}

const GAP = 2;
const NARROWEST = 12;

/** Rows under their titles, one line each. @param width of the terminal; undefined where nothing is cut */
export function tableOf<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width?: number | undefined,
): string {
  const titles = columns.map(({ title }) => title);
  const cells = rows.map((row) => columns.map(({ value }) => printable(String(value(row) ?? ''))));
  return printed([titles, ...cells], {
    colWidths: widthsOf(columns, [titles, ...cells], width),
    colAligns: columns.map(({ align = 'left' }) => align),
  });
}

/** Names and values, one line each; those without a value are left out. */
export function detailsOf(values: Readonly<Record<string, string | number | undefined>>): string {
  const rows = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, printable(String(value))]],
  );
  return printed(rows, {});
}

type TableOptions = ConstructorParameters<typeof Table>[0];

function printed(rows: readonly (readonly string[])[], options: TableOptions): string {
  const table = new Table({
    ...options,
    chars: NO_LINES,
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': GAP },
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

const NO_LINES = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'])
    .map((place) => [place, '']),
);

/** The columns that shrink share what the others leave. */
function widthsOf<Row>(
  columns: readonly Column<Row>[],
  lines: readonly (readonly string[])[],
  width: number | undefined,
): (number | null)[] {
  const natural = columns.map(
    (_, at) => lines.reduce((most, line) => Math.max(most, line[at]?.length ?? 0), 0) + GAP,
  );
  const total = natural.reduce((sum, each) => sum + each, 0);
  if (width === undefined || total <= width) return columns.map(() => null);
  const shrinking = columns.filter(({ shrinks }) => shrinks).length;
  const fixed = columns.reduce((sum, { shrinks }, at) => sum + (shrinks ? 0 : (natural[at] as number)), 0);
  const share = Math.max(NARROWEST, Math.floor((width - fixed) / shrinking));
  return columns.map(({ shrinks }, at) => (shrinks ? Math.min(share, natural[at] as number) : null));
}

/** `2026-01-31 09:05`, in UTC. @param time in milliseconds since 1970 */
export const minuteOf = (time: number | undefined): string | undefined =>
  time === undefined ? undefined : new Date(time).toISOString().slice(0, 16).replace('T', ' ');

/** `2026-01-31 09:05:07`, in UTC. @param time in milliseconds since 1970 */
export const secondOf = (time: number): string => new Date(time).toISOString().slice(0, 19).replace('T', ' ');
