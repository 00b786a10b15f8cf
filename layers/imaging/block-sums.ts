/** A row's blocks may be this many groups of four pixels wide, or the 16-bit lanes below would overflow. */
export const MAX_GROUPS_PER_BLOCK = 256;

const LANES = 0x00ff00ff;

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
 * @param blocks three sums (red, green, blue) for each block
 * @param sumOfSquares of red, green and blue
 */
export function addRow(
  rgbWords: Uint32Array,
  bounds: Int32Array,
  blocks: Float64Array,
  sumOfSquares: Float64Array,
): void {
  let at = 0;
  for (let block = 0; block + 1 < bounds.length; block++) {
    const end = 3 * (bounds[block + 1] as number);
    let r0b0 = 0;
    let g0r1 = 0;
    let g1r2 = 0;
    let b1g2 = 0;
    let b2g3 = 0;
    let r3b3 = 0;
    let redSquares = 0;
    let greenSquares = 0;
    let blueSquares = 0;
    for (; at < end; at += 3) {
      const first = rgbWords[at] as number;
      const second = rgbWords[at + 1] as number;
      const third = rgbWords[at + 2] as number;
      const a = first & LANES;
      const b = second & LANES;
      const c = third & LANES;
      const d = (first >>> 8) & LANES;
      const e = (second >>> 8) & LANES;
      const f = (third >>> 8) & LANES;
      r0b0 = (r0b0 + a) | 0;
      g0r1 = (g0r1 + d) | 0;
      g1r2 = (g1r2 + b) | 0;
      b1g2 = (b1g2 + e) | 0;
      b2g3 = (b2g3 + c) | 0;
      r3b3 = (r3b3 + f) | 0;
      redSquares = (redSquares + square(a & 255) + square(d >>> 16) + square(b >>> 16) + square(f & 255)) | 0;
      greenSquares =
        (greenSquares + square(d & 255) + square(b & 255) + square(e >>> 16) + square(c >>> 16)) | 0;
      blueSquares =
        (blueSquares + square(a >>> 16) + square(e & 255) + square(c & 255) + square(f >>> 16)) | 0;
    }
    add(blocks, block * 3, low(r0b0) + high(g0r1) + high(g1r2) + low(r3b3));
    add(blocks, block * 3 + 1, low(g0r1) + low(g1r2) + high(b1g2) + high(b2g3));
    add(blocks, block * 3 + 2, high(r0b0) + low(b1g2) + low(b2g3) + high(r3b3));
    add(sumOfSquares, 0, redSquares);
    add(sumOfSquares, 1, greenSquares);
    add(sumOfSquares, 2, blueSquares);
  }
}

const low = (lanes: number): number => lanes & 0xffff;
const high = (lanes: number): number => lanes >>> 16;

/** At most 255² for each pixel, so a block of 1,024 in a row stays below 2³¹. */
const square = (level: number): number => level * level;

function add(sums: Float64Array, at: number, value: number): void {
  sums[at] = (sums[at] as number) + value;
}
