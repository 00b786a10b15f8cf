import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { decodeImage } from '#imaging/decode-image';
import { withPreview } from '#imaging/preview';
import type { RgbPixels } from '#imaging/rgb-pixels';

const LIMITS = { maxBytes: 100e6, maxPixels: 100e6 };
const COPY_QUALITY = 90;
const LOW_QUALITY = 40;
/** Cut off at each of the four borders. */
const CROPPED_SHARE = 0.05;
const BRIGHTER = 1.25;

type Change = (photo: Sharp, size: { readonly width: number; readonly height: number }) => Sharp;

/** Near-duplicates that are planted for each photo. */
export const COPIES: Readonly<Record<string, Change>> = {
  're-encoded': (photo) => photo.jpeg({ quality: LOW_QUALITY }),
  halved: (photo, { width }) => photo.resize(Math.round(width / 2)).jpeg({ quality: COPY_QUALITY }),
  cropped: (photo, { width, height }) => {
    const [left, top] = [Math.round(width * CROPPED_SHARE), Math.round(height * CROPPED_SHARE)];
    const inside = { left, top, width: width - 2 * left, height: height - 2 * top };
    return photo.extract(inside).jpeg({ quality: COPY_QUALITY });
  },
  brightened: (photo) => photo.modulate({ brightness: BRIGHTER }).jpeg({ quality: COPY_QUALITY }),
};

/** A photo and its planted copies as a descriptor makes something of each. */
export interface DescribedPhoto<Description> {
  /** The folder that it lies in. */
  readonly kind: string;
  readonly original: Description;
  /** In the order of {@link COPIES}. */
  readonly copies: readonly Description[];
}

/** Describes all JPEGs of a folder that has one folder for each kind, and their copies. */
export async function describePhotos<Description>(
  folder: string,
  describe: (preview: RgbPixels) => Description,
): Promise<DescribedPhoto<Description>[]> {
  const photos: DescribedPhoto<Description>[] = [];
  for (const path of (await readdir(folder, { recursive: true })).sort()) {
    if (!path.endsWith('.jpg')) continue;
    const [original, ...copies] = await describeWithCopies(await readFile(join(folder, path)), describe);
    const kind = path.split('/')[0] as string;
    photos.push({ kind, original: original as Description, copies });
  }
  return photos;
}

async function describeWithCopies<Description>(
  file: Buffer,
  describe: (preview: RgbPixels) => Description,
): Promise<Description[]> {
  const { data, info } = await sharp(file)
    .autoOrient()
    .png({ compressionLevel: 1 })
    .toBuffer({ resolveWithObject: true });
  const described: Description[] = [];
  for (const change of [undefined, ...Object.values(COPIES)]) {
    const bytes = change ? await change(sharp(data), info).toBuffer() : file;
    described.push(describe(withPreview(await decodeImage(bytes, LIMITS)).preview));
  }
  return described;
}
