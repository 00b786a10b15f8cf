import type { SeededRandom } from './seeded-random.ts';

/** How far colours may change, as shares; the protocol's `collate` names them. */
export interface ColourJitter {
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  /** In turns of the colour circle, up to 0.5. */
  readonly hue: number;
}

/** Luma of ITU-R BT.601. */
const luma = (red: number, green: number, blue: number): number => 0.299 * red + 0.587 * green + 0.114 * blue;

/** A factor between 1 - share and 1 + share, never negative. */
const factor = (share: number, random: SeededRandom): number =>
  random.between(Math.max(0, 1 - share), 1 + share);

/** Changes brightness, contrast, saturation and hue, in this order, in place. @param pixels levels 0 to 255 */
export function jitterColours(pixels: Float32Array, jitter: ColourJitter, random: SeededRandom): void {
  const brightness = factor(jitter.brightness, random);
  const contrast = factor(jitter.contrast, random);
  const saturation = factor(jitter.saturation, random);
  const turn = random.between(-jitter.hue, jitter.hue) * 2 * Math.PI;
  mapPixels(pixels, (level) => level * brightness);
  const mean = meanLuma(pixels);
  mapPixels(pixels, (level) => mean + (level - mean) * contrast);
  blendWithGrey(pixels, saturation);
  if (jitter.hue > 0) turnHue(pixels, turn);
}

/** Takes the colour away, in place. */
export const removeColour = (pixels: Float32Array): void => blendWithGrey(pixels, 0);

function mapPixels(pixels: Float32Array, change: (level: number) => number): void {
  for (let at = 0; at < pixels.length; at++) pixels[at] = clamped(change(pixels[at] as number));
}

const clamped = (level: number): number => (level < 0 ? 0 : level > 255 ? 255 : level);

function meanLuma(pixels: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < pixels.length; at += 3) sum += lumaAt(pixels, at);
  return (sum * 3) / pixels.length;
}

const lumaAt = (pixels: Float32Array, at: number): number =>
  luma(pixels[at] as number, pixels[at + 1] as number, pixels[at + 2] as number);

function blendWithGrey(pixels: Float32Array, saturation: number): void {
  for (let at = 0; at < pixels.length; at += 3) {
    const grey = lumaAt(pixels, at);
    for (let channel = at; channel < at + 3; channel++) {
      pixels[channel] = clamped(grey + ((pixels[channel] as number) - grey) * saturation);
    }
  }
}

/** Turns the plane of chrominance of YIQ (NTSC 1953), which keeps the luma. */
function turnHue(pixels: Float32Array, angle: number): void {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  for (let at = 0; at < pixels.length; at += 3) {
    const red = pixels[at] as number;
    const green = pixels[at + 1] as number;
    const blue = pixels[at + 2] as number;
    const grey = luma(red, green, blue);
    const i = 0.5959 * red - 0.2746 * green - 0.3213 * blue;
    const q = 0.2115 * red - 0.5227 * green + 0.3112 * blue;
    const turnedI = cos * i - sin * q;
    const turnedQ = sin * i + cos * q;
    pixels[at] = clamped(grey + 0.956 * turnedI + 0.619 * turnedQ);
    pixels[at + 1] = clamped(grey - 0.272 * turnedI - 0.647 * turnedQ);
    pixels[at + 2] = clamped(grey - 1.106 * turnedI + 1.703 * turnedQ);
  }
}
