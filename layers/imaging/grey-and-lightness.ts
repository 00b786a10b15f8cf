import { cieLightness, linearFromSrgb } from './srgb.ts';

/*
 * One lookup per channel gives both the grey level and the linear luminance: each table entry holds the channel's
 * share of grey in its upper 18 bits (10 of them a fraction) and its share of CIE Y in its lower 14. The three
 * shares add up in one 32-bit addition without either part overflowing.
 */
const LUMINANCE_BITS = 14;
const LUMINANCE_MAX = 2 ** LUMINANCE_BITS - 1;
const GREY_FRACTION = 1024;
/** Linear luminance in 8,192 steps is finer than any step of 8-bit sRGB and the table stays in the first cache. */
const LIGHTNESS_STEPS = 2 ** (LUMINANCE_BITS - 1);
/** L* as an integer: a run of 1,024 pixels of white stays below 2³¹. */
const LIGHTNESS_UNIT = 10_000;

const redShares = shares(0.299, 0.2126, GREY_FRACTION / 2);
const greenShares = shares(0.587, 0.7152, 0);
const blueShares = shares(0.114, 0.0722, 0);
const lightnessOfLuminance = Int32Array.from({ length: LIGHTNESS_STEPS }, (_, step) =>
  // Black is exactly 0, so that the black pixels that pad a row add nothing.
  step === 0 ? 0 : Math.round(LIGHTNESS_UNIT * cieLightness((step + 0.5) / LIGHTNESS_STEPS)),
);

function shares(greyWeight: number, luminanceWeight: number, rounding: number): Int32Array {
  return Int32Array.from({ length: 256 }, (_, level) => {
    const grey = Math.round(level * greyWeight * GREY_FRACTION) + rounding;
    const luminance = Math.floor(linearFromSrgb(level) * luminanceWeight * LUMINANCE_MAX);
    return grey * 2 ** LUMINANCE_BITS + luminance;
  });
}

/**
 * Writes the grey levels (ITU-R 601, as Pillow) of a row and returns the sum of its pixels' L*.
 *
 * Reads 32-bit words, which is twice as fast as reading bytes: three words hold four pixels, little-endian as all
 * machines that Node.js runs on. Rows are padded with black to whole groups of four.
 */
export function greyAndLightness(rgbWords: Uint32Array, greyWords: Uint32Array): number {
  let total = 0;
  let at = 0;
  for (let group = 0; group < greyWords.length; group++) {
    const first = rgbWords[at] as number;
    const second = rgbWords[at + 1] as number;
    const third = rgbWords[at + 2] as number;
    at += 3;
    const a = (red(first & 255) + green((first >>> 8) & 255) + blue((first >>> 16) & 255)) | 0;
    const b = (red(first >>> 24) + green(second & 255) + blue((second >>> 8) & 255)) | 0;
    const c = (red((second >>> 16) & 255) + green(second >>> 24) + blue(third & 255)) | 0;
    const d = (red((third >>> 8) & 255) + green((third >>> 16) & 255) + blue(third >>> 24)) | 0;
    greyWords[group] = (a >>> 24) | ((b >>> 16) & 0xff00) | ((c >>> 8) & 0xff0000) | (d & 0xff000000);
    total += (lightness(a) + lightness(b) + lightness(c) + lightness(d)) | 0;
  }
  return total / LIGHTNESS_UNIT;
}

// Each short enough for V8 to inline whatever its caller's size.
const red = (level: number): number => redShares[level] as number;
const green = (level: number): number => greenShares[level] as number;
const blue = (level: number): number => blueShares[level] as number;
const lightness = (shared: number): number => lightnessOfLuminance[(shared & LUMINANCE_MAX) >> 1] as number;
