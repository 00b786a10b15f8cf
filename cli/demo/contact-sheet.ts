import sharp from 'sharp';

const CELL = 136;
const COLUMNS = 10;
const MARGIN = 12;
const BACKGROUND = '#17191c';
export const LARGEST_SHEET = 400;

/** A JPEG of thumbnails in the order given, ten in a row; shows the first 400 where there are more. */
export async function drawContactSheet(thumbnails: readonly Buffer[]): Promise<Buffer> {
  const shown = thumbnails.slice(0, LARGEST_SHEET);
  const columns = Math.max(1, Math.min(COLUMNS, shown.length));
  const rows = Math.max(1, Math.ceil(shown.length / columns));
  const cells = await Promise.all(
    shown.map(async (thumbnail, index) => {
      const { data, info } = await sharp(thumbnail).resize(128, 128, { fit: 'inside' }).toBuffer({
        resolveWithObject: true,
      });
      const centre = (length: number) => Math.floor((CELL - length) / 2);
      return {
        input: data,
        left: MARGIN + (index % columns) * CELL + centre(info.width),
        top: MARGIN + Math.floor(index / columns) * CELL + centre(info.height),
      };
    }),
  );
  const size = { width: columns * CELL + 2 * MARGIN, height: rows * CELL + 2 * MARGIN };
  return sharp({ create: { ...size, channels: 3, background: BACKGROUND } })
    .composite(cells)
    .jpeg({ quality: 88 })
    .toBuffer();
}
