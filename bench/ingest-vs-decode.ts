import { analyseImage } from '#imaging/analyse-image';
import { classicalEmbedding } from '#imaging/classical-embedding';
import { sharp } from '#imaging/configured-sharp';
import { type Figure, figureOf } from './figure.ts';
import { seededRandom } from './random-draws.ts';

const WIDTH = 4000;
const HEIGHT = 3000;
/** Noise fields of these widths, from large shapes to fine structure, and how many grey levels each adds. */
const OCTAVES = [
  { width: 8, amplitude: 90 },
  { width: 60, amplitude: 60 },
  { width: 400, amplitude: 30 },
  { width: 1500, amplitude: 22 },
] as const;
/** Together these give about 4 MB for 12 megapixels, what a telephone's camera writes. */
const GRAIN = 12;
const JPEG_QUALITY = 90;
const WARM_UP_ROUNDS = 4;
const ROUNDS = 11;
const LIMITS = { maxBytes: 100e6, maxPixels: 100e6, thumbnailSize: 128, keepGps: false };

/** Analyses a drawn photo of 12 megapixels and only decodes it, in turn, in this process. */
export async function ingestVsDecode(): Promise<Figure> {
  return compareWithDecode(await drawPhoto(WIDTH, HEIGHT));
}

/** Times both in turn, after rounds that let the compiler warm up. */
export async function compareWithDecode(photo: Buffer, rounds: number = ROUNDS): Promise<Figure> {
  const ratios: number[] = [];
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    const decode = await millisecondsOf(() => sharp(photo).raw().toBuffer());
    const ingest = await millisecondsOf(() => analyseImage(photo, LIMITS, classicalEmbedding));
    if (round >= 0) ratios.push(ingest / decode);
  }
  return figureOf('ingest-vs-decode', '<= 2.5', ratios);
}

/** A JPEG with as many bytes to a pixel as photographs have: soft shapes, structure at several scales, grain. */
export async function drawPhoto(width: number, height: number): Promise<Buffer> {
  const random = seededRandom(20240517);
  const levels = new Float32Array(width * height * 3).fill(128);
  for (const octave of OCTAVES) await addNoise(levels, { width, height }, octave, random);
  const pixels = Buffer.from(
    Uint8ClampedArray.from(levels, (level) => level + (random() - 0.5) * GRAIN).buffer,
  );
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: JPEG_QUALITY })
    .toBuffer();
}

async function addNoise(
  levels: Float32Array,
  size: { width: number; height: number },
  octave: { width: number; amplitude: number },
  random: () => number,
): Promise<void> {
  const rows = Math.max(1, Math.round((octave.width * size.height) / size.width));
  const noise = Uint8Array.from({ length: octave.width * rows * 3 }, () => random() * 256);
  const field = await sharp(noise, { raw: { width: octave.width, height: rows, channels: 3 } })
    .resize({ ...size, fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
  for (let at = 0; at < levels.length; at++) {
    levels[at] = (levels[at] ?? 0) + (((field[at] ?? 0) - 128) * octave.amplitude) / 128;
  }
}

async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
