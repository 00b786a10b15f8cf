import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { landscape, type Random, seededRandom } from './landscape.ts';

const WIDTH = 960;
const HEIGHT = 640;
const SCENES = 36;
const QUALITY = 88;

/**
 * Draws a photo set into `directory`: landscapes of a few places at different hours, and what a real upload has
 * besides: near-duplicates (burst shots, re-encoded and resized copies), exact copies, blurred shots, a broken file
 * and two that are no images. The same set every time.
 */
export async function drawPhotos(directory: string, signal?: AbortSignal): Promise<void> {
  const random = seededRandom(2026);
  for (let scene = 0; scene < SCENES; scene++) {
    signal?.throwIfAborted();
    const folder = `place-${(scene % 6) + 1}`;
    const name = join(folder, `photo-${String(scene + 1).padStart(2, '0')}`);
    await mkdir(join(directory, folder), { recursive: true });
    const pixels = await render(landscape(scene, WIDTH, HEIGHT, random), random);
    const jpeg = await photo(pixels).toBuffer();
    await writeFile(join(directory, `${name}.jpg`), jpeg);
    await drawRelatives(join(directory, name), scene, pixels, jpeg);
  }
  await writeFile(join(directory, 'place-1', 'not-a-photo.jpg'), 'This text calls itself a photo.\n');
  await writeFile(join(directory, 'place-2', 'drawing.svg'), landscape(1, WIDTH, HEIGHT, random));
}

/** Copies of the kinds that pile up in real buckets; which scene has which is fixed. */
async function drawRelatives(path: string, scene: number, pixels: Pixels, jpeg: Buffer): Promise<void> {
  const burst = async (shot: number) => {
    const brightness = 1 + 0.02 * shot;
    const crop = { left: 4 * shot, top: 3 * shot, width: WIDTH - 8 * shot, height: HEIGHT - 6 * shot };
    const bytes = await photo(pixels).modulate({ brightness }).extract(crop).toBuffer();
    await writeFile(`${path}-burst-${shot}.jpg`, bytes);
  };
  if (scene % 3 === 0) for (const shot of [1, 2, 3]) await burst(shot);
  if (scene % 4 === 1) await writeFile(`${path}-copy.jpg`, jpeg);
  if (scene % 6 === 2) await writeFile(`${path}-small.webp`, await raw(pixels).resize(480).webp().toBuffer());
  if (scene % 9 === 4) await writeFile(`${path}-blurred.jpg`, await photo(pixels).blur(9).toBuffer());
  if (scene % 12 === 5) await writeFile(`${path}-broken.jpg`, jpeg.subarray(0, jpeg.length / 3));
}

type Pixels = Buffer;
const raw = (pixels: Pixels) => sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
const photo = (pixels: Pixels) => raw(pixels).jpeg({ quality: QUALITY });

/** Rasterizes the drawing and adds a sensor's grain. */
async function render(svg: string, random: Random): Promise<Pixels> {
  const pixels = await sharp(Buffer.from(svg)).removeAlpha().blur(0.6).raw().toBuffer();
  const clamped = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.length);
  for (let index = 0; index < clamped.length; index += 3) {
    const grain = (random() + random() + random() - 1.5) * 14;
    for (let channel = index; channel < index + 3; channel++)
      clamped[channel] = (clamped[channel] ?? 0) + grain;
  }
  return pixels;
}
