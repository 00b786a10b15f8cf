import { describe, expect, test } from '@jest/globals';
import { type Column, detailsOf, minuteOf, secondOf, tableOf } from '../../cli/table-output.ts';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly size?: number;
}
const COLUMNS: readonly Column<Row>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'NAME', value: ({ name }) => name, shrinks: true },
  { title: 'SIZE', value: ({ size }) => size, align: 'right' },
];

describe('a table', () => {
  test('has a line for its titles and each row', () => {
    const rows = [
      { id: 'a', name: 'first', size: 12345 },
      { id: 'bb', name: 'second' },
    ];
    expect(tableOf(COLUMNS, rows)).toBe('ID  NAME     SIZE\na   first   12345\nbb  second');
  });

  test('cuts what shrinks where the terminal is too narrow, and only there', () => {
    const rows = [{ id: 'a', name: 'n'.repeat(50), size: 1 }];
    const narrow = tableOf(COLUMNS, rows, 30);
    expect(narrow.split('\n').every((line) => line.length <= 30)).toBe(true);
    expect(narrow).toMatch(/nnn… +1$/);
    expect(tableOf(COLUMNS, rows, 100)).toContain('n'.repeat(50));
    expect(tableOf(COLUMNS, rows)).toContain('n'.repeat(50));
  });

  test('stays one line a row, and moves no cursor, whatever the names are', () => {
    const table = tableOf(COLUMNS, [{ id: 'a', name: 'x\n\u001b[2Jy\u202etxt' }]);
    expect(table.split('\n')).toHaveLength(2);
    expect(table).toContain('x\\u000a\\u001b[2Jy\\u202etxt');
  });
});

test('details leave out what is not known', () => {
  expect(detailsOf({ name: 'birds', parent: undefined, samples: 0 })).toBe('name     birds\nsamples  0');
});

test('times are in UTC', () => {
  const time = Date.UTC(2026, 0, 31, 9, 5, 7);
  expect([minuteOf(time), secondOf(time), minuteOf(undefined)]).toEqual([
    ...['2026-01-31 09:05', '2026-01-31 09:05:07', undefined],
  ]);
});
