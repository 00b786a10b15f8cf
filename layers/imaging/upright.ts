import { swapsSides } from '#contracts/image-facts';
import type { Orientation, RgbPixels } from './rgb-pixels.ts';

/** Applies the EXIF orientation; returns the image itself where it is upright already. */
export function upright(image: RgbPixels, orientation: Orientation): RgbPixels {
  if (orientation === 1) return image;
  const { width: storedWidth, height: storedHeight, pixels: stored } = image;
  const [width, height] = swapsSides(orientation) ? [storedHeight, storedWidth] : [storedWidth, storedHeight];
  const pixels = new Uint8Array(stored.length);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [storedX, storedY] = storedPosition(orientation, x, y, storedWidth - 1, storedHeight - 1);
      const from = (storedY * storedWidth + storedX) * 3;
      pixels[to++] = stored[from] ?? 0;
      pixels[to++] = stored[from + 1] ?? 0;
      pixels[to++] = stored[from + 2] ?? 0;
    }
  }
  return { pixels, width, height };
}

/** Where the pixel that belongs at (x, y) is stored. Source: Exif 2.32, tag 274. */
function storedPosition(
  orientation: Exclude<Orientation, 1>,
  x: number,
  y: number,
  maxX: number,
  maxY: number,
): readonly [number, number] {
  switch (orientation) {
    case 2:
      return [maxX - x, y];
    case 3:
      return [maxX - x, maxY - y];
    case 4:
      return [x, maxY - y];
    case 5:
      return [y, x];
    case 6:
      return [y, maxY - x];
    case 7:
      return [maxX - y, maxY - x];
    case 8:
      return [maxX - y, x];
    default:
      return orientation satisfies never;
  }
}
