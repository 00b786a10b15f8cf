import type { Thumbnails } from '../document/report-document.ts';
import type { Drawing, Shape } from '../drawing/drawing.ts';
import { drawThumbnail } from './pdf-images.ts';
import { fillIn, strokeIn } from './pdf-inks.ts';
import { writeLine } from './pdf-text.ts';

/** Draws a drawing with its upper left corner at a place of the page. */
export function drawOnPage(
  pdf: PDFKit.PDFDocument,
  drawing: Drawing,
  { x, y, scale }: { readonly x: number; readonly y: number; readonly scale: number },
  thumbnails: Thumbnails,
): void {
  pdf.save().translate(x, y).scale(scale);
  for (const shape of drawing.shapes) drawShape(pdf, shape, thumbnails);
  pdf.restore();
}

function drawShape(pdf: PDFKit.PDFDocument, shape: Shape, thumbnails: Thumbnails): void {
  switch (shape.kind) {
    case 'path':
      drawPath(pdf, shape);
      break;
    case 'rect':
      // A bar of nothing is no path at all.
      if (shape.width > 0) fillIn(pdf.rect(shape.x, shape.y, shape.width, shape.height), shape.fill).fill();
      break;
    case 'dots':
      for (const [x, y] of shape.points) pdf.moveTo(x, y).lineTo(x, y);
      strokeIn(pdf.lineCap('round'), shape.ink, shape.radius * 2).stroke();
      pdf.lineCap('butt');
      break;
    case 'text':
      writeLine(pdf, shape.text, shape, shape);
      break;
    case 'image':
      drawExample(pdf, shape, thumbnails);
      break;
    default:
      shape satisfies never;
  }
}

function drawPath(
  pdf: PDFKit.PDFDocument,
  { d, fill, stroke, lineWidth = 1, dashed = false }: Shape & { kind: 'path' },
): void {
  if (fill) fillIn(pdf.path(d), fill).fill();
  if (!stroke) return;
  if (dashed) pdf.dash(3, { space: 3 });
  strokeIn(pdf.path(d), stroke, lineWidth).stroke();
  if (dashed) pdf.undash();
}

function drawExample(
  pdf: PDFKit.PDFDocument,
  { fileName, ...spot }: Shape & { kind: 'image' },
  thumbnails: Thumbnails,
): void {
  pdf.save().rect(spot.x, spot.y, spot.side, spot.side).clip();
  drawThumbnail(pdf, fileName, spot, thumbnails, 'cover');
  pdf.restore();
  strokeIn(pdf.rect(spot.x, spot.y, spot.side, spot.side), 'ink', 0.75).stroke();
}
