import type { Thumbnail, Thumbnails } from '../document/report-document.ts';
import { PANEL_COLOUR } from './pdf-inks.ts';
import { writeLine } from './pdf-text.ts';

/** A place on the page. */
export interface Spot {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** The thumbnail of an image in the middle of a square panel, whole or so that it covers it; without one, the panel says so. */
export function drawThumbnail(
  pdf: PDFKit.PDFDocument,
  fileName: string,
  { x, y, side }: Spot,
  thumbnails: Thumbnails,
  manner: 'fit' | 'cover' = 'fit',
): void {
  const thumbnail = thumbnails.get(fileName);
  pdf.rect(x, y, side, side).fillColor(PANEL_COLOUR, 1).fill();
  if (!thumbnail) {
    const style = { size: 6.5, ink: 'muted' } as const;
    writeLine(pdf, 'no thumbnail', { x: x + side / 2, y: y + side / 2 + 2, anchor: 'middle' }, style);
    return;
  }
  pdf.image(sourceOf(thumbnail), x, y, { [manner]: [side, side], align: 'center', valign: 'center' });
}

/** As a data URL: pdfkit embeds an image that is named twice only once. */
const sourceOf = ({ jpeg }: Thumbnail): string =>
  `data:image/jpeg;base64,${Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength).toString('base64')}`;
