import { expect, test } from '@jest/globals';
import sharp from 'sharp';
import { drawContactSheet } from '../../cli/demo/contact-sheet.ts';

const CELL = 136;
const MARGINS = 24;
const thumbnail = (width = 128, height = 96) =>
  sharp({ create: { width, height, channels: 3, background: '#f00' } })
    .webp({ quality: 90 })
    .toBuffer();

test.each([
  { count: 1, columns: 1, rows: 1 },
  { count: 10, columns: 10, rows: 1 },
  { count: 11, columns: 10, rows: 2 },
  { count: 400, columns: 10, rows: 40 },
  { count: 401, columns: 10, rows: 40 },
  { count: 0, columns: 1, rows: 1 },
])('$count thumbnails make $columns columns and $rows rows', async ({ count, columns, rows }) => {
  const image = await thumbnail();
  const sheet = await drawContactSheet(Array.from({ length: count }, () => image));
  const { format, width, height } = await sharp(sheet).metadata();
  expect({ format, width, height }).toEqual({
    format: 'jpeg',
    width: columns * CELL + MARGINS,
    height: rows * CELL + MARGINS,
  });
});

test('thumbnails stand in the order given, each in the middle of its cell, whatever their shape', async () => {
  const sheet = await drawContactSheet([await thumbnail(128, 16), await thumbnail(300, 300)]);
  const { data, info } = await sharp(sheet).raw().toBuffer({ resolveWithObject: true });
  const isRed = (x: number, y: number) => data[(y * info.width + x) * info.channels]! > 128;
  const middle = MARGINS / 2 + CELL / 2;
  expect(isRed(middle, middle)).toBe(true);
  expect(isRed(middle, middle - 20)).toBe(false);
  expect(isRed(middle + CELL, middle - 60)).toBe(true);
  expect(isRed(middle + CELL, middle - 67)).toBe(false);
});
