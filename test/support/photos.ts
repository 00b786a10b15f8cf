import sharp from 'sharp';
import { landscape, seededRandom } from '../../cli/demo/landscape.ts';

/** A small JPEG of a landscape; the same scene gives the same bytes. */
export async function photo(scene: number, width = 240, height = 160): Promise<Buffer> {
  const drawing = landscape(scene, width, height, seededRandom(scene + 1));
  return sharp(Buffer.from(drawing)).removeAlpha().jpeg({ quality: 85 }).toBuffer();
}
