import type { RgbPixels } from './rgb-pixels.ts';

/**
 * Means of the cells of a `columns` × `rows` grid laid over the image, as red, green, blue levels (not rounded).
 * Cells cover whole pixels; where the image has fewer pixels than the grid, pixels repeat.
 */
export function areaAverage(image: RgbPixels, columns: number, rows: number): Float32Array {
  const { pixels, width, height } = image;
  const means = new Float32Array(columns * rows * 3);
  let to = 0;
  for (let row = 0; row < rows; row++) {
    const [top, bottom] = cellBounds(row, rows, height);
    for (let column = 0; column < columns; column++) {
      const [left, right] = cellBounds(column, columns, width);
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let y = top; y < bottom; y++) {
        const end = (y * width + right) * 3;
        for (let at = (y * width + left) * 3; at < end; at += 3) {
          red += pixels[at] as number;
          green += pixels[at + 1] as number;
          blue += pixels[at + 2] as number;
        }
      }
      const count = (bottom - top) * (right - left);
      means[to++] = red / count;
      means[to++] = green / count;
      means[to++] = blue / count;
    }
  }
  return means;
}

function cellBounds(cell: number, cells: number, length: number): readonly [number, number] {
  const start = Math.floor((cell * length) / cells);
  return [start, Math.max(start + 1, Math.floor(((cell + 1) * length) / cells))];
}
