import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { drawPhotos } from '../cli/demo/draw-photos.ts';
import { type FoundFile, findImages } from '../cli/demo/find-images.ts';

const QUALITY = 88;

/** Draws whole photos (no broken ones: neither side of a comparison reads those to their end) of one width (pixels). */
export async function photoFiles(directory: string, width: number): Promise<FoundFile[]> {
  await drawPhotos(directory);
  const photos = (await findImages(directory)).files.filter(({ fileName }) =>
    /photo-\d+(-burst-\d|-copy)?\.jpg$/.test(fileName),
  );
  for (const { path } of photos) {
    await writeFile(path, await sharp(path).resize(width).jpeg({ quality: QUALITY }).toBuffer());
  }
  return photos;
}

/** The folder that the command names. @throws Error where it names none */
export function namedFolder(): string {
  const [, , folder] = process.argv;
  if (folder === undefined) throw new Error('Name a folder of photos, with a folder for each kind.');
  return folder;
}
