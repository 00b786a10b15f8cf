/** A row's blocks may be this many groups of four pixels wide, or the 16-bit lanes below would overflow. */
export const MAX_GROUPS_PER_BLOCK = 256;

const LANES = 0x00ff00ff;

/** What rows add to. */
export interface RowSums {
  /** Sums of red, green and blue for each block. */
  readonly blocks: Float64Array;
  /** Sums of squared levels of red, green and blue of the whole image. */
  readonly squares: Float64Array;
}

/**
 * Adds one row of pixels to the sums of the blocks that it crosses, and its squared levels to those of the image.
 *
 * Four pixels lie in three 32-bit words. Masked twice, each word gives two pairs of bytes, each byte in a 16-bit
 * lane of its own, so one addition sums two bytes; which channel a lane holds differs from word to word. The row is
 * padded with black, which adds nothing.
 *
 * Plain variables and one-line helpers: destructuring, or a helper too long for V8 to inline whatever its caller's
 * size, doubles the time.
 *
 * @param bounds first group of each block, and the end of the last; at most 256 groups to a block
 */
export function addRow(rgbWords: Uint32Array, bounds: Int32Array, { blocks, squares }: RowSums): void {
  let at = 0;
  for (let block = 0; block + 1 < bounds.length; block++) {
    const end = 3 * (bounds[block + 1] as number);
    let r0b0 = 0;
    let g0r1 = 0;
    let g1r2 = 0;
    let b1g2 = 0;
    let b2g3 = 0;
    let r3b3 = 0;
    let red = 0;
    let green = 0;
    let blue = 0;
    for (; at < end; at += 3) {
      const a = rgbWords[at] as number;
      const b = rgbWords[at + 1] as number;
      const c = rgbWords[at + 2] as number;
      r0b0 = (r0b0 + (a & LANES)) | 0;
      g0r1 = (g0r1 + ((a >>> 8) & LANES)) | 0;
      g1r2 = (g1r2 + (b & LANES)) | 0;
      b1g2 = (b1g2 + ((b >>> 8) & LANES)) | 0;
      b2g3 = (b2g3 + (c & LANES)) | 0;
      r3b3 = (r3b3 + ((c >>> 8) & LANES)) | 0;
      red = (red + square(a) + square(a >>> 24) + square(b >>> 16) + square(c >>> 8)) | 0;
      green = (green + square(a >>> 8) + square(b) + square(b >>> 24) + square(c >>> 16)) | 0;
      blue = (blue + square(a >>> 16) + square(b >>> 8) + square(c) + square(c >>> 24)) | 0;
    }
    add(blocks, block * 3, low(r0b0) + high(g0r1) + high(g1r2) + low(r3b3));
    add(blocks, block * 3 + 1, low(g0r1) + low(g1r2) + high(b1g2) + high(b2g3));
    add(blocks, block * 3 + 2, high(r0b0) + low(b1g2) + low(b2g3) + high(r3b3));
    add(squares, 0, red);
    add(squares, 1, green);
    add(squares, 2, blue);
  }
}

const low = (lanes: number): number => lanes & 0xffff;
const high = (lanes: number): number => lanes >>> 16;

/** The lowest byte, squared: at most 255² for each pixel, so a block of 1,024 in a row stays below 2³¹. */
const square = (word: number): number => (word & 255) * (word & 255);

function add(sums: Float64Array, at: number, value: number): void {
  sums[at] = (sums[at] as number) + value;
}
